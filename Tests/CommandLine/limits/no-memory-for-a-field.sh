# Where the operating system has no memory to copy the instances that get a field, the edit is refused: the program goes on
# as it was, and can still be edited.

command -v prlimit >/dev/null && command -v pgrep >/dev/null || skip "needs prlimit and pgrep"
cat >Many.som <<'SOM'
Many = ( | a b |
  text = ( ^'as it was' )
  run = (
    | all |
    all := Array new: 500000.
    1 to: all length do: [ :i | all at: i put: Many new ].
    'ready' println.
    system readLine.
    [ Many addField: #c. 'added' println ] on: Error do: [ :e | e messageText println ].
    (all at: 7) text println.
    Many compile: 'text = ( ^\'edited\' )'.
    (all at: 7) text println )
)
SOM
mkfifo input
timeout -s KILL 60 ovid run --jit=off Many.som <input >out.txt 2>err.txt &
ovid_done=$!
exec 3>input
until_said out.txt '^ready$'
program=$(pgrep -P $ovid_done)
now=$(sed -n 's/^VmSize:[^0-9]*\([0-9]*\) kB$/\1/p' "/proc/$program/status")
# Less than the instances take, by far.
prlimit --pid "$program" --as=$(((now + 4096) * 1024))
echo go >&3
exec 3>&-
ends 0 $ovid_done
printf '%s\n' ready 'the operating system has no memory for the instances of another shape' 'as it was' edited |
  diff - out.txt >difference.txt || fail "it printed something else: $(cat difference.txt)"
