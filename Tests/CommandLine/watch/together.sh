# Files that are saved together are one accept; if that is refused, each is accepted for itself.

cat >Watched.som <<'SOM'
Watched = (
  run = (
    | below other |
    below := Lower new n: 7. other := Other new.
    'began' println.
    [ self goOn ] whileTrue: [ Processor sleep: 5 ].
    below text println. other text println )
  goOn = ( ^true )
)
SOM
echo "Upper = ( )" >Upper.som
echo "Lower = Upper ( | n | n: x = ( n := x ) text = ( ^n ) )" >Lower.som
echo "Other = ( text = ( ^'other' ) )" >Other.som
timeout 120 ovid run --watch Watched.som >out.txt 2>err.txt &
process=$!
until_said out.txt began

# A field moves up, and a text changes: neither file will do without the other.
mkdir new
echo "Upper = ( | n | above = ( ^n * 2 ) )" >new/Upper.som
echo "Lower = Upper ( n: x = ( n := x ) text = ( ^self above ) )" >new/Lower.som
cp new/*.som .
until_said err.txt 'Lower>>text v1 → v2'
prints err.txt 'Upper>>above.* v1'
if grep -q refused err.txt; then fail "they were accepted one after the other"; fi
if grep -q 'accept 2' err.txt; then fail "they are two accepts"; fi

# One that cannot be read does not hold the other up.
echo "Upper = ( | n | above = ( ^n * ) )" >new/Upper.som
rm new/Lower.som
echo "Other = ( text = ( ^'another' ) )" >new/Other.som
cp new/*.som .
until_said err.txt 'Upper.som: accept .* refused'
until_said err.txt 'Other>>text v1 → v2'

sed -i 's/goOn = ( ^true )/goOn = ( ^false )/' Watched.som
ends 0 $process
prints out.txt '^14$' '^another$'
