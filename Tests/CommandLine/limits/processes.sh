# Where the user may have only a few processes, the program runs, or it is said that it has no thread.

[ "$(id -u)" -eq 0 ] && command -v setpriv prlimit >/dev/null || skip "needs root, setpriv and prlimit"
echo "Busy = ( run = ( | s | s := 0. 1 to: 3000000 do: [ :i | s := s + (i % 7) ]. s println ) )" >Busy.som
# That user may not be able to reach the folder where it was built.
cp -L "$(command -v ovid)" copy
for count in 1 2 3 4 5 6; do
  timeout -s KILL 60 setpriv --reuid=65533 --regid=65533 --clear-groups prlimit --nproc=$count ./copy Busy.som >out.txt 2>err.txt
  case $? in
    0) prints out.txt '^8999997$' ;;
    1) prints err.txt 'no thread for the program' ;;
    *) fail "with $count processes: another status" ;;
  esac
done
