# Compiled code is kept without being asked for: what one run has compiled, the next one loads. Wherever the folder is of no
# use, programs run without, and nothing is said.

unset XDG_CACHE_HOME
echo "Hot = ( run = ( | s | s := 0. 1 to: 300000 do: [ :i | s := s + (i % 7) ]. s println ) )" >Hot.som
flags=(--compile-now --compile-threshold=50 --trace=compile)

# hot HOME FLAG …: the program with that home; answers in out.txt and err.txt.
hot() {
  local home=$1
  shift
  HOME=$home run 0 "${flags[@]}" "$@" Hot.som
  prints out.txt '^899998$'
}
compiles() { grep -q 'gcc [0-9]* µs' err.txt || fail "nothing was compiled$1"; }
loads() {
  grep -q ', cached' err.txt || fail "nothing came from the cache$1"
  ! grep -q 'gcc [0-9]* µs' err.txt || fail "something was compiled again$1"
}
# says_nothing WHERE: but what --trace=compile prints.
says_nothing() { ! grep -v '^\[compile\]' err.txt || fail "something was said$1"; }

mkdir home
hot "$PWD/home" --no-cache
compiles
[ -z "$(ls -A home)" ] || fail "--no-cache has left something behind"
OVID_CACHE_DIR='' hot "$PWD/home"
compiles ' without a folder'
OVID_NO_CACHE=on hot "$PWD/home"
compiles ' with OVID_NO_CACHE'
[ -z "$(ls -A home)" ] || fail "something was left behind"
hot "$PWD/home"
compiles
hot "$PWD/home"
loads
says_nothing
[ "$(stat -c %a home/.cache/ovid)" = 700 ] || fail "others can look into the folder"
[ -z "$(find home/.cache/ovid -perm /077)" ] || fail "others can read what is in it"
XDG_CACHE_HOME=$PWD/caches hot "$PWD/home"
compiles
XDG_CACHE_HOME=$PWD/caches hot "$PWD/home"
loads
hot "$PWD/home" --cache-dir=named
compiles
# What only prints compiles nothing, and makes no folder.
mkdir other
echo "Hello = ( run = ( 'Hello' println ) )" >Hello.som
HOME=$PWD/other run 0 Hello.som
[ -z "$(ls -A other)" ] || fail "hello world has made a folder"

HOME=$PWD/home run 0 cache
prints out.txt "^$PWD/home/.cache/ovid: [1-9][0-9]* compiled units in .* of 256 MB at most$"
timeout 60 env HOME="$PWD/home" ovid doctor >out.txt
prints out.txt "^ok +code cache: $PWD/home/.cache/ovid: [1-9][0-9]* compiled units"

# Somebody else has written it, or could have.
object=$(ls home/.cache/ovid/*.o | head -n 1)
chmod g+w "$object"
hot "$PWD/home"
compiles ' instead of what others can write'
chmod 777 home/.cache/ovid
hot "$PWD/home"
compiles ' instead of what others can write'
says_nothing
HOME=$PWD/home run 0 cache
prints out.txt '^none: others can write the cache folder'
chmod 700 home/.cache/ovid
hot "$PWD/home"
loads

# No home, and homes that are none.
for home in '' relative "$PWD/nowhere" /proc /dev/null; do
  hot "$home"
  compiles " at home in '$home'"
  says_nothing " at home in '$home'"
done
timeout 60 env -u HOME ovid "${flags[@]}" Hot.som >out.txt 2>err.txt
prints out.txt '^899998$'
compiles ' without a home'
timeout 60 env -u HOME ovid cache >out.txt
prints out.txt '^none: there is no home'

mkdir -m 777 open
hot "$PWD/open"
compiles ' in a folder that is open to everybody'
says_nothing
[ -z "$(ls -A open)" ] || fail "something was put into a folder that is open to everybody"
mkdir large linked
ln -s "$PWD/large" linked/.cache
hot "$PWD/linked"
hot "$PWD/linked"
loads ' behind a link'

[ ! -e nowhere ] || fail "a home was made"

# A process that is killed while it writes leaves nothing that is loaded; two at once do not disturb each other.
mkdir shared
for round in 1 2 3 4 5 6; do
  for one in 1 2; do
    HOME=$PWD/shared timeout 60 ovid --compile-threshold=50 Hot.som >out.$one 2>err.$one &
    eval process$one=\$!
  done
  # It may have ended.
  kill -KILL "$process1" 2>/dev/null
  ends 0 "$process2"
  wait "$process1" 2>/dev/null
  cat out.2 >out.txt
  cat err.2 >err.txt
  prints out.txt '^899998$'
  [ ! -s err.txt ] || fail "there were errors"
done

if [ "$(id -u)" -eq 0 ]; then
  # As by sudo, which may keep HOME.
  mkdir sudo
  chown 65534 sudo
  hot "$PWD/sudo"
  compiles ' in the home of another user'
  says_nothing
  [ -z "$(ls -A sudo)" ] || fail "something was put into the home of another user"
  HOME=$PWD/sudo run 0 cache
  prints out.txt '^none: .* belongs to somebody else'
fi
