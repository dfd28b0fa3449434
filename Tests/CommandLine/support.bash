# What the scripts among the cases have at hand. Each is run in a folder of its own, where `ovid` is the executable and
# $repository the root of the sources, and fails if it calls `fail`; where it cannot be run, it says so with `skip`.

failures=0

# fail MESSAGE: goes on, and shows what was printed last.
fail() {
  failures=$((failures + 1))
  echo "$*"
  head -n 8 out.txt err.txt 2>/dev/null
}

# skip WHY: what this machine lacks.
skip() { echo "$*"; exit 77; }

# run STATUS ARGUMENTS …: ovid's output in out.txt and err.txt, for at most a minute. Its input is what `run` has.
run() {
  local expected=$1 status
  shift
  timeout 60 ovid "$@" >out.txt 2>err.txt
  status=$?
  [ $status -eq "$expected" ] || fail "ovid $*: status $status, expected $expected"
}

# prints FILE PATTERN …: each matches a line of the file.
prints() {
  local file=$1 pattern
  shift
  for pattern; do grep -qE -- "$pattern" "$file" || fail "$file lacks: $pattern"; done
}

# on_terminal COMMAND: on a terminal of its own, for at most a minute. `exec`, as the shell that runs it may be any: one
# that stays would leave `timeout`, and what it starts, in the background of that terminal, where nothing can be read.
on_terminal() {
  XDG_STATE_HOME=$PWD exec script -qefc "exec timeout 60 $1" /dev/null
}

# until_said FILE PATTERN: waits until the file has such a line, for at most half a minute.
until_said() {
  local attempt
  for attempt in $(seq 300); do
    if grep -qE -- "$2" "$1" 2>/dev/null; then return; fi
    sleep 0.1
  done
  fail "$1 lacks after half a minute: $2"
}

# ends STATUS PROCESS: waits for the process.
ends() {
  local status
  wait "$2"
  status=$?
  [ $status -eq "$1" ] || fail "it ended with status $status, expected $1"
}

# Mounts are this case's own, and end with it.
own_mounts() {
  if [ -z "${UNSHARED:-}" ]; then
    unshare -m true 2>/dev/null || skip "without the right to mount"
    UNSHARED=1 exec unshare -m bash -u -c '. "$1"; . "$2"' sh "${BASH_SOURCE[0]}" "${BASH_SOURCE[1]}"
  fi
}

# full_disk FOLDER SIZE: mounts a disk of this size there.
small_disk() {
  mkdir -p "$1"
  mount -t tmpfs -o "size=$2" tmpfs "$1" 2>/dev/null || skip "without the right to mount"
}

finish() {
  local left
  left=$(jobs -p)
  [ -z "$left" ] || kill $left 2>/dev/null
  [ $failures -eq 0 ]
}
trap 'status=$?; finish || status=1; exit $status' EXIT
