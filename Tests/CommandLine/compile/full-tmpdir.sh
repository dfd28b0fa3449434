# No room for temporary files. The compile worker has them in /dev/shm; GCC in the program's process would end that, so
# what runs is interpreted, and it is said once.

own_mounts
export OVID_NO_CACHE=on
small_disk full 64k
export TMPDIR=$PWD/full
# It ends when it has its line.
cat >Hot.som <<'SOM'
Hot = ( run = ( | s | s := 0. 1 to: 300000 do: [ :i | s := s + (i % 7) ]. s println. system readLine ) )
SOM
mkdir tests
echo "SumTest = TestCase ( testSum = ( self assert: 1 + 2 equals: 3 ) )" >tests/SumTest.som
head -c 100000 /dev/zero >full/x 2>/dev/null
run 0 doctor
prints out.txt 'temporary files: there is room in /dev/shm'
[ ! -s err.txt ] || fail "there were errors"
run 1 test tests
prints err.txt 'cannot write .*TestDriver.som: .*TMPDIR'
[ ! -s out.txt ] || fail "it printed something"
for flags in --compile-now --compile-threshold=100; do
  run 0 $flags Hot.som </dev/null
  prints out.txt '^899998$'
  [ ! -s err.txt ] || fail "there were errors"
  # The compiler's thread may come to it after the program has computed everything.
  mkfifo line
  timeout 120 ovid --compile-in=process $flags Hot.som >out.txt 2>err.txt <line &
  process=$!
  exec 3>line
  until_said err.txt "^ovid: no room in $PWD/full for .*; make room or set TMPDIR; interpreting"
  echo go >&3
  exec 3>&-
  ends 0 $process
  prints out.txt '^899998$'
  [ "$(grep -c room err.txt)" -eq 1 ] || fail "said more than once"
  rm line
done
