# On a terminal an error offers the debugger; what is typed there is for it until the evaluation has ended.

command -v script >/dev/null || skip "needs script"
mkfifo keys
on_terminal ovid <keys >out.txt 2>&1 &
process=$!
exec 3>keys
until_said out.txt 'ovid> '
echo '(3 zork + 4) println' >&3
until_said out.txt ':debug evaluates this again, and stops at the error'
echo ':debug' >&3
until_said out.txt 'debug> '
echo 'list' >&3
until_said out.txt '>   1  \(3 zork \+ 4\) println'
echo 'resume 38' >&3
until_said out.txt '^42'
echo ':debug' >&3
sleep 0.2
printf '\004' >&3
echo "'still' , 'there'" >&3
echo "'still ' + 'there'" >&3
until_said out.txt "^'still there'"
printf '\004' >&3
exec 3>&-
ends 0 $process
