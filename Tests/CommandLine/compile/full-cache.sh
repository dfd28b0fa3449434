# A cache folder on a full disk, or on one that is read only: the program runs all the same.

own_mounts
small_disk full 16k
echo "Hot = ( run = ( | s | s := 0. 1 to: 300000 do: [ :i | s := s + (i % 7) ]. s println ) )" >Hot.som
run 0 --compile-now --cache-dir=full/cache Hot.som
prints out.txt '^899998$'
[ ! -s err.txt ] || fail "there were errors"
mount -o remount,ro full
run 0 --compile-now --cache-dir=full/other Hot.som
prints out.txt '^899998$'
prints err.txt cache
