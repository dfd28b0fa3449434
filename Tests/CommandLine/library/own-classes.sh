# A program's own classes with the names of bundled ones, also when their files are broken: the machine and its library
# do not notice.

mkdir own
cat >own/Program.som <<'END'
Program = (
  run = (
    (((1 to: 5) asArray collect: [ :x | x * x ]) inject: 0 into: [ :a :b | a + b ]) println.
    ([ 1 / 0 ] on: Division do: [ :e | e messageText ]) println.
    ([ nil zork ] on: Division do: [ :e | e messageText ]) println.
    ([ self down: 1 ] on: Division do: [ :e | e messageText ]) println.
    ([ 7 ] ensure: [ 8 println ]) println.
    (Program methods length > 1) println.
    nil zork
  )
  down: n = ( ^1 + (self down: n + 1) )
)
END
echo "Division = ( ---- handles: anException = ( ^true ) )" >own/Division.som

# Its output and errors.
program() {
  timeout 60 ovid --stack-limit=2m --jit=off own/Program.som 2>&1 | sed 's/ (bundled)//'
  [ "${PIPESTATUS[0]}" -eq 1 ] || echo "another status"
}
program >out.txt
cp out.txt good.txt
prints out.txt '^55$' 'Method zork not found in class Nil$'
for source in "$repository"/Sources/VM/CoreLibrary/*.som; do
  class=$(basename "$source" .som)
  # With an Object there is another core library.
  [ "$class" = Object ] && continue
  for text in '( )' '( foo = ( ^^'; do
    echo "$class = $text" >"own/$class.som"
    program >out.txt
    diff good.txt out.txt || fail "with a class $class = $text of its own"
    rm "own/$class.som"
  done
done
