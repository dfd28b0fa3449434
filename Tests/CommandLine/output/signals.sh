# What was printed is seen within 50 ms, a part of a line too, and a signal that ends the program loses none of it.

echo "Busy = ( run = ( 'line' println. 'part' print. [ true ] whileTrue: [ ] ) )" >Busy.som
# Bash has what runs in the background ignore interrupts; old versions of env cannot take that back.
reset=(env --default-signal=INT) signals='TERM INT HUP'
"${reset[@]}" true 2>/dev/null || reset=() signals='TERM HUP'
for signal in $signals; do
  "${reset[@]}" ovid Busy.som >out.txt 2>err.txt &
  process=$!
  until_said out.txt part
  kill -s $signal $process
  ends $((128 + $(kill -l $signal))) $process
  prints out.txt '^line$' '^part$'
done
