# A machine without libgccjit: everything runs, in the interpreter, and it is said once what is missing.

own_mounts
export OVID_NO_CACHE=on
for library in $(find /usr/lib /usr/lib64 -name 'libgccjit.so*' 2>/dev/null); do
  mount --bind /dev/null "$library" 2>/dev/null || skip "without the right to mount"
done
echo "Hot = ( run = ( | s | s := 0. 1 to: 300000 do: [ :i | s := s + (i % 7) ]. s println ) )" >Hot.som
run 0 --compile-now Hot.som
prints out.txt '^899998$'
[ "$(grep -c libgccjit err.txt)" -eq 1 ] || fail "said not once"
timeout 60 ovid demo live-edit --script >out.txt 2>&1
prints out.txt 'the loop, never left, adds 2' 'make setup'
