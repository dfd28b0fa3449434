# Others run while a process waits for the other end of a pipe, which it reads or writes as a file; so does whoever wants to
# end the program.

cat >Pipes.som <<'END'
Pipes = (
    run = (
        | reader writer ticks text |
        ticks := 0.
        text := 'x'.
        "More than a pipe holds"
        17 timesRepeat: [ text := text + text ].
        [ [ true ] whileTrue: [ ticks := ticks + 1. Processor yield ] ] forkAt: 1.
        reader := [ (File at: 'in') contents ] fork.
        writer := [ (File at: 'out') append: text + '\n' ] fork.
        (Delay forMilliseconds: 30) wait.
        ('others run: ' + (ticks > 0) asString + ' ' + reader state + ' ' + writer state) println.
        reader join print.
        writer join.
        'done' println
    )
)
END
mkfifo in out
ovid Pipes.som >out.txt 2>err.txt &
process=$!
until_said out.txt 'others run'
exec 9>in
echo 'first part' >&9
sleep 0.1
echo 'second part' >&9
exec 9>&-
cat out >written.txt
ends 0 $process
prints out.txt '^others run: true waiting waiting$' '^first part$' '^second part$' '^done$'
[ "$(wc -c <written.txt)" -eq 131073 ] || fail "$(wc -c <written.txt) bytes were written"

# The main process alone.
echo "Alone = ( run = ( 'waits' println. ((File at: 'in') contents) print. ((File at: 'nothing') append: 'x') ) )" >Alone.som
mkfifo nothing
ovid Alone.som >out.txt 2>err.txt &
process=$!
until_said out.txt waits
echo text >in
until_said out.txt text
kill -TERM $process
ends 143 $process
