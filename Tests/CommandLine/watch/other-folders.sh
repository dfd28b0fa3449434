# A file that appears as another goes, with half of its methods, is the same class (as a tool leaves it that writes files
# anew); one that is gone where another folder has one for the class gives way to that.

mkdir lib
cat >Watched.som <<'SOM'
Watched = (
  | kind there |
  run = ( kind := Kind new n: 7. there := There new. 'began' println. [ self goOn ] whileTrue: [ ]. kind text println. there text println )
  goOn = ( ^true )
)
SOM
echo "Kind = ( | n | n: x = ( n := x ) text = ( ^'kind ' + n ) other = ( ^1 ) )" >Kind.som
echo "There = ( text = ( ^'here' ) )" >There.som
echo "There = ( text = ( ^'there' ) )" >lib/There.som
timeout 120 ovid run --watch -cp lib Watched.som >out.txt 2>err.txt &
process=$!
until_said out.txt began

# Written anew, and changed.
sed "s/^Kind =/Sort =/; s/'kind '/'sort '/" Kind.som >new.txt
rm Kind.som; cp new.txt Sort.som
until_said err.txt 'Kind is called Sort now'
until_said err.txt 'Sort>>text v1 → v2'

rm There.som
until_said err.txt 'There.som is gone: There comes from lib/There.som now'
until_said err.txt 'There>>text v1 → v2'

sed -i 's/goOn = ( ^true )/goOn = ( ^false )/' Watched.som
ends 0 $process
prints out.txt '^sort 7$' '^there$'
