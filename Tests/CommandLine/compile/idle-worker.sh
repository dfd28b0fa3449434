# The compile worker ends when there is nothing to do, and another one compiles what becomes hot later.

cat >Late.som <<'SOM'
Late = (
    sum: n = ( | s | s := 0. 1 to: n do: [ :i | s := s + (i % 7) ]. ^s )
    other: n = ( | s | s := 0. 1 to: n do: [ :i | s := s + (i % 5) ]. ^s )
    run = (
        (self sum: 300000) println.
        system readLine.
        (self other: 300000) println )
)
SOM
mkfifo line
timeout 60 ovid --no-cache --worker-idle=1 --compile-threshold=50 --compile-now --stats Late.som >out.txt 2>err.txt <line &
process=$!
exec 3>line
# Of the program, whose parent is `timeout`.
program() { cat "/proc/$process/task/$process/children"; }
workers() { for one in $(cat "/proc/$(program | tr -d ' ')/task/"*/children); do echo "$one"; done; }
until_said out.txt '^899998$'
for attempt in $(seq 300); do
  [ -n "$(workers)" ] || break
  sleep 0.1
done
[ -z "$(workers)" ] || fail "the worker goes on: $(workers)"
echo go >&3
exec 3>&-
ends 0 $process
prints out.txt '^600000$'
prints err.txt '2 started, 0 died'
