# A class that is renamed with its file stays the class that it was; one whose file is deleted is no part of the program
# any more, and its instances stay; one whose file comes back is that class again.

cat >Watched.som <<'SOM'
Watched = (
  | it below | "what is made at the start"
  run = (
    it := Kind new n: 7. below := Below new n: 8. 'began' println.
    [ self goOn ] whileTrue: [ self work ].
    it text println. below text println )
  work = ( system onChange: [ :what | ] )
  goOn = ( ^true )
)
SOM
echo "Kind = ( | n | n: x = ( n := x ) text = ( ^'kind ' + n ) again = ( ^Kind new ) )" >Kind.som
echo "Below = Kind ( text = ( ^'below ' + n ) )" >Below.som
cp Below.som below.txt
timeout 120 ovid run --watch Watched.som >out.txt 2>err.txt &
process=$!
until_said out.txt began

# The name in the text only, and then the file's: it is renamed.
sed -i 's/^Kind =/Sort =/' Kind.som
until_said err.txt 'Kind.som: accept .* refused: the file defines class Sort, .* to rename Kind, give the file that name, too'
mv Kind.som Sort.som
until_said err.txt 'Kind is called Sort now'
until_said err.txt 'Sort>>again still says Kind, which is no class now'
until_said err.txt 'wrote .*Below.som'
prints Below.som '^Below = Sort \('

# The file's name first.
mv Sort.som Order.som
until_said err.txt 'Sort.som is .*Order.som now, but defines class Sort, .* call it Order there, too'
sed -i 's/^Sort =/Order =/; s/.kind ./'"'order '"'/' Order.som
until_said err.txt 'Sort is called Order now'
until_said err.txt 'Order>>text v1 → v2'

# A superclass is not removed without what is below it.
mv Order.som aside.txt
until_said err.txt 'Order.som: .* Order cannot be removed: Below is below it'
until_said err.txt 'Order.som is gone, but the program keeps Order as it is'
rm Below.som
until_said err.txt 'Below is removed; its instance stays what it is'
until_said err.txt 'Order is removed; its instance stays what it is'

# Back again.
cp aside.txt Order.som
until_said err.txt 'Order is back, with the instances that it had'
sed "s/Kind/Order/; s/'below '/'back '/" below.txt >Below.som
until_said err.txt 'Below is back, with the instances that it had'
prints err.txt 'Below>>text v1 → v2'

sed -i 's/goOn = ( ^true )/goOn = ( ^false )/' Watched.som
ends 0 $process
prints out.txt '^order 7$' '^back 8$'
# What accepts write themselves is no news.
if grep -q 'nothing changed' err.txt; then fail "a file was accepted that the machine had written"; fi
