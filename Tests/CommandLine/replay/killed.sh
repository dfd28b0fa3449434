# Killed at any moment, a program has logged every edit that it was answered.

cat >Crash.som <<'SOM'
Crash = (
  run = ( 1 to: 1000000 do: [ :i | Crash compile: 'value = ( ^' + i asString + ' )'. system errorPrintln: i asString ] )
  show = ( self value println )
  value = ( ^0 )
)
SOM
ovid --change-log=crash.log Crash.som >out.txt 2>err.txt &
process=$!
until_said err.txt '^100$'
kill -9 $process
wait $process 2>/dev/null
answered=$(tail -n 1 err.txt)
sed -i -e 's/ run = / old = /' -e 's/ show = / run = /' Crash.som
run 0 --write-back=off --replay crash.log Crash.som
[ "$(cat out.txt)" -ge "$answered" ] || fail "$answered edits were answered, $(cat out.txt) logged"
