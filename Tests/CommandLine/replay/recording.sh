# A recorded session is served to be looked at: its content tells it from a change log.

cat >Hello.som <<'END'
Hello = ( run = ( 'printed while recorded' println ) )
END
ovid live --record session.jsonl Hello.som >out.txt 2>err.txt &
process=$!
until_said session.jsonl '"status":0'
kill -TERM $process
ends 143 $process
prints session.jsonl '^{"recording":1,' '"kind":"output".*printed while recorded' '^{"ended":true,'

ovid replay session.jsonl >out.txt 2>err.txt &
process=$!
until_said out.txt '^http://127.0.0.1:[0-9]+/\?token=[A-Za-z0-9]{43}$'
[ ! -s err.txt ] || fail "a whole recording is complained of: $(cat err.txt)"
kill -TERM $process
ends 143 $process

# Cut short, as by a crash.
head -c -5 session.jsonl >cut.jsonl
ovid replay cut.jsonl >out.txt 2>err.txt &
process=$!
until_said out.txt '^http://'
prints err.txt '^ovid: cut.jsonl: the last line is cut short, as by a crash; what is before it is shown$'
kill -TERM $process
ends 143 $process
