# A saved file is an accept.

cat >Watched.som <<'SOM'
Watched = (
  run = ( 'began' println. [ self goOn ] whileTrue: [ ] . 'ended' println )
  goOn = ( ^true )
)
SOM
timeout 120 ovid run --watch Watched.som >out.txt 2>err.txt &
process=$!
until_said out.txt began
sed -i 's/goOn = ( ^true )/goOn = ( ^false )/' Watched.som
ends 0 $process
prints out.txt '^ended$'
prints err.txt 'Watched>>goOn v1 → v2'
