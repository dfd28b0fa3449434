# A program is served: nothing without the token of the address, the page with it; the session goes on when the program has
# ended, its output is not printed here, and a signal ends it.

cat >Hello.som <<'END'
Hello = ( run = ( 'never printed here' println ) )
END
ovid live --record events.jsonl Hello.som >out.txt 2>err.txt &
process=$!
until_said out.txt '^http://127.0.0.1:[0-9]+/\?token=[A-Za-z0-9]{43}$'
address=$(head -n 1 out.txt)
port=${address#http://127.0.0.1:}
port=${port%%/*}
token=${address#*=}
until_said events.jsonl '"status":0'

# get PATH HEADER …: the answer of the server, in answer.txt.
get() {
  local path=$1 header
  shift
  exec 3<>"/dev/tcp/127.0.0.1/$port"
  { printf 'GET %s HTTP/1.1\r\n' "$path"
    for header; do printf '%s\r\n' "$header"; done
    printf 'Connection: close\r\n\r\n'; } >&3
  timeout 20 cat <&3 | tr -d '\r' >answer.txt
  exec 3>&-
}
get / "Host: 127.0.0.1:$port"
prints answer.txt '^HTTP/1.1 403 ' 'Open the address that'
get "/?token=$token" "Host: evil.example:$port"
prints answer.txt '^HTTP/1.1 403 '
get "/?token=$token" "Host: 127.0.0.1:$port" "Origin: http://evil.example"
prints answer.txt '^HTTP/1.1 403 '
get "/?token=$token" "Host: 127.0.0.1:$port"
prints answer.txt '^HTTP/1.1 303 ' "^Set-Cookie: ovid-$port=$token; "
get / "Host: 127.0.0.1:$port" "Cookie: ovid-$port=$token"
prints answer.txt '^HTTP/1.1 200 ' '<!doctype html>'

kill -0 $process || fail "the session has ended with the program"
kill -TERM $process
ends 143 $process
[ "$(wc -l <out.txt)" -eq 1 ] || fail "more than the address was printed"
prints events.jsonl '"kind":"program"' '"kind":"output".*never printed here'
