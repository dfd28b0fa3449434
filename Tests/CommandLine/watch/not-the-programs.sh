# Files that the program does not use, and edits that could not be loaded: refused, in a sentence. A field that moves up
# or down needs both files, and keeps its value.

mkdir hidden
cat >Moving.som <<'SOM'
Moving = MovingBase ( | x |
  run = ( self set. 'began' println. [ self goOn ] whileTrue: [ ]. ('ended with ' + self get) println )
  goOn = ( ^true )
  set = ( x := 1. ^x )
  get = ( ^x )
)
SOM
echo 'MovingBase = ( )' >MovingBase.som
cp Moving.som hidden
timeout 120 ovid run --watch -cp hidden Moving.som >out.txt 2>err.txt &
process=$!
until_said out.txt began
# Files come in one go, as from an editor.
sed 's/true/false/' Moving.som >new
mv new Moving_backup.som
until_said err.txt 'Moving_backup.som: accept 1 refused: the file defines class Moving, which .* in Moving.som'
sed -i 's/true/false/' hidden/Moving.som
until_said err.txt 'hidden/Moving.som: not accepted: the program would take the class from ./Moving.som'
sed -i 's/| x |//' Moving.som
until_said err.txt 'Moving.som: accept [0-9]* refused: 4:11: Moving>>set: x is not a variable or field'
sed -i 's/( )/( | x | )/' MovingBase.som
until_said err.txt 'MovingBase has the fields x'
sed -i 's/( | x | )/( )/' MovingBase.som
until_said err.txt 'MovingBase.som: accept [0-9]* refused: Moving>>set: x is not a variable or field'
sed -i 's/MovingBase (/MovingBase ( | x |/' Moving.som
until_said err.txt 'Moving has the fields x'
sed -i 's/true/false/' Moving.som
ends 0 $process
prints out.txt '^ended with 1$'
prints err.txt 'Moving>>goOn v1 → v2'
