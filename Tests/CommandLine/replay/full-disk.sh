# An entry that a full disk cut short is taken back, said, and in nobody's way.

own_mounts
small_disk full 64k
echo "Hello = ( run = ( 'Hello' println ) )" >full/Hello.som
pad=$(head -c 3700 /dev/zero | tr '\0' x)
mkfifo commands
(cd full && exec timeout 120 ovid repl --jit=off --write-back=off --change-log=log Hello) <commands >out.txt 2>err.txt &
process=$!
exec 3>commands
printf ":accept Hello\nrun = ( '$pad' println )\n1001\n" >&3
until_said out.txt 1001
head -c 100000 /dev/zero >full/fill 2>/dev/null
printf ":accept Hello\nlost = ( '$pad' println )\n1002\n" >&3
until_said out.txt 1002
prints out.txt 'not logged: cannot write log: No space left'
rm full/fill
printf ":accept Hello\nrun = ( 'kept' println )\n1003\n" >&3
until_said out.txt 1003
exec 3>&-
wait $process
run 0 --write-back=off --replay full/log full/Hello.som
prints out.txt '^kept$'
[ ! -s err.txt ] || fail "there were errors"
[ "$(wc -l <full/log)" -eq 2 ] || fail "the log has $(wc -l <full/log) lines"
