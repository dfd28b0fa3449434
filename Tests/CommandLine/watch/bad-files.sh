# Files that vanish, turn bad, or cannot be read while they are watched.

cat >Watched.som <<'SOM'
Watched = (
  run = ( 'began' println. [ self goOn ] whileTrue: [ ] . 'ended' println )
  goOn = ( ^true )
)
SOM
timeout 120 ovid run --watch Watched.som >out.txt 2>err.txt &
process=$!
until_said out.txt began
sed 's/goOn = ( ^true )/goOn = ( ^/' Watched.som >new
mv new Watched.som
until_said err.txt 'Watched.som:.*refused.*expected'
head -c 1000 "$(which ovid)" >Watched.som
until_said err.txt 'is not text'
# What is no file says nothing: it gets a moment to be seen.
rm Watched.som
mkdir Watched.som
sleep 0.3
rmdir Watched.som
mkfifo Watched.som
sleep 0.3
rm Watched.som
printf 'Watched = (\n run = ( ^nil )\n goOn = ( ^false )\n)' >Watched.som
ends 0 $process
prints out.txt '^ended$'
prints err.txt 'Watched>>goOn v1 → v2'
