# What a save leaves unknown is accepted, and said: once, until it is something else.

cat >Watched.som <<'SOM'
Watched = (
  run = ( 'began' println. [ self goOn ] whileTrue: [ Processor sleep: 5 ]. 'ended' println )
  goOn = ( ^true )
)
SOM
timeout 120 ovid run --watch Watched.som >out.txt 2>err.txt &
process=$!
until_said out.txt began
sed -i "s/'ended' println/'ended' println. self leave. Array leave/" Watched.som
until_said err.txt 'Watched.som:2:.* warning: no class implements leave'
prints err.txt 'Watched>>run v1 → v2'
sed -i "s/self leave. Array leave/self keysDo: nil/" Watched.som
until_said err.txt 'Watched.som:2:.* warning: Watched does not understand keysDo:'
sed -i "s/goOn = ( ^true )/goOn = ( ^false )/" Watched.som
ends 0 $process
[ "$(grep -c 'does not understand keysDo:' err.txt)" = 1 ] || fail "it was said again"
