# On a terminal everything is seen at once.

command -v script >/dev/null || skip "needs script"
echo "Busy = ( run = ( 'line' println. 'part' print. [ true ] whileTrue: [ ] ) )" >Busy.som
script -qefc "timeout 60 ovid Busy.som" out.txt >/dev/null 2>&1 </dev/null &
process=$!
until_said out.txt part
prints out.txt line
kill $process
