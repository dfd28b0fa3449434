# An error waits for the next save, which tries again from the method that has changed; a program that is broken at start
# is waited for.

cat >Watched.som <<'SOM'
Watched = (
  run = ( | n | n := 0. 1 to: 3000 do: [ :i | n := n + (self next: i) ]. n println )
  next: i = ( i = 2900 ifTrue: [ ^i foo ]. ^
)
SOM
timeout 120 ovid run --watch --compile-threshold=20 Watched.som >out.txt 2>err.txt &
process=$!
until_said err.txt 'Watched.som., line 4, column 1'
until_said err.txt 'The program begins when that is mended and saved'
sed 's/\^$/^1 )/' Watched.som >new
mv new Watched.som
until_said err.txt 'ERROR: Method foo not found in class Integer'
until_said err.txt 'Watched>>next:, ./Watched.som, line 3'
until_said err.txt 'The program stands still there'
# Nothing on the stack changes: it fails again.
sed -i 's/^)$/  unused = ( ^1 )\n)/' Watched.som
until_said err.txt 'The program tries again from Watched>>next:, which has not changed'
sed -i 's/i foo/1000/' Watched.som
until_said err.txt 'The program tries again from Watched>>next:$'
ends 0 $process
prints out.txt '^3999$'
