# On a terminal Ctrl-C stops the program that runs, and an evaluation; at the prompt it drops the line.

command -v script >/dev/null || skip "needs script"
cat >Loop.som <<'END'
Loop = (
    | stopped |
    run = (
        stopped := false.
        'begun' println.
        [ stopped ] whileFalse: [ self next ].
        'over' println
    )
    next = ( ^self )
)
END
mkfifo keys
on_terminal "ovid debug Loop.som" <keys >out.txt 2>&1 &
process=$!
exec 3>keys
until_said out.txt 'is loaded'
echo run >&3
until_said out.txt begun
printf '\003' >&3
until_said out.txt 'paused'
until_said out.txt 'Loop.som, line [69]'
printf 'zork zork\003' >&3
until_said out.txt '\^C'
echo 'print [ true ] whileTrue: [ self next ]' >&3
until_said out.txt 'print .* self next'
sleep 0.3
printf '\003' >&3
until_said out.txt 'in an evaluation'
echo leave >&3
until_said out.txt 'the evaluation is left'
echo 'set stopped := true' >&3
until_said out.txt 'stopped = true'
echo continue >&3
until_said out.txt over
until_said out.txt 'the program has ended with status 0'
exec 3>&-
ends 0 $process
grep -q zork out.txt && prints out.txt 'debug> '
[ ! -e ovid/debug-history ] || prints ovid/debug-history 'continue'
