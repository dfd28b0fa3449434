# On a terminal everything is seen at once.

command -v script >/dev/null || skip "needs script"
echo "Busy = ( run = ( 'line' println. 'part' print. [ true ] whileTrue: [ ] ) )" >Busy.som
on_terminal "ovid Busy.som" </dev/null >out.txt 2>&1 &
process=$!
until_said out.txt part
prints out.txt line
kill $process
