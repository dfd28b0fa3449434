# No room in /dev/shm: another folder is taken. Nor in that: interpreted, and said once.

own_mounts
export OVID_NO_CACHE=on
small_disk /dev/shm 64k
echo "Hot = ( run = ( | s | s := 0. 1 to: 300000 do: [ :i | s := s + (i % 7) ]. s println ) )" >Hot.som
run 0 --compile-now --trace=compile Hot.som
prints out.txt '^899998$'
prints err.txt 'Hot>>run, loop'
! grep room err.txt || fail "there is room elsewhere"

small_disk full 64k
export TMPDIR=full
run 0 --compile-now Hot.som
prints out.txt '^899998$'
prints err.txt '^ovid: no room in /dev/shm/ovid-.*; make room; interpreting until then$'
[ "$(grep -c room err.txt)" -eq 1 ] || fail "said more than once"
timeout 60 ovid doctor >out.txt 2>err.txt
prints out.txt 'full has room for 64 KB'
! grep room err.txt || fail "errors"
