# A home on a full disk, and on one that is read only: nothing is said, and what is there is used.

own_mounts
unset XDG_CACHE_HOME
echo "Hot = ( run = ( | s | s := 0. 1 to: 300000 do: [ :i | s := s + (i % 7) ]. s println ) )" >Hot.som
flags=(--compile-now --compile-threshold=50 --trace=compile)
export HOME=$PWD/home

small_disk home 64k
head -c 100000 /dev/zero >home/x 2>/dev/null
for time in first second; do
  run 0 "${flags[@]}" Hot.som
  prints out.txt '^899998$'
  grep -q 'gcc [0-9]* µs' err.txt || fail "nothing was compiled"
  ! grep -v '^\[compile\]' err.txt || fail "something was said"
done
rm home/x
run 0 "${flags[@]}" Hot.som
mount -o remount,ro home
run 0 "${flags[@]}" Hot.som
prints out.txt '^899998$'
grep -q ', cached' err.txt || fail "nothing came from the cache"
! grep -v '^\[compile\]' err.txt || fail "something was said"
# Where somebody names the folder, it is told.
run 0 "${flags[@]}" --cache-dir=home/named Hot.som
prints out.txt '^899998$'
prints err.txt 'cannot write the cache folder home/named'
