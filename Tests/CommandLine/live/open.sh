# `--open`: the system's browser is given the address that is printed, and so it is by `make live`; without a browser, a word.

cat >Hello.som <<'EOF'
Hello = ( run = ( 'Hello' println ) )
EOF
mkdir bin
printf '#!/bin/sh\necho "$1" >>"%s"\n' "$PWD/opened.txt" >bin/xdg-open
chmod +x bin/xdg-open
export PATH="$PWD/bin:$PATH"

ovid live --open Hello.som >out.txt 2>err.txt &
process=$!
until_said opened.txt '^http://127.0.0.1:[0-9]+/\?token=[A-Za-z0-9]{43}$'
[ "$(cat opened.txt)" = "$(head -n 1 out.txt)" ] || fail "another address was opened: $(cat opened.txt)"
kill -TERM $process
ends 143 $process

# make's child is ovid itself.
rm opened.txt
if command -v make >/dev/null; then
  make -s -C "$repository" -o setup -o build live OVID="$(command -v ovid)" >out.txt 2>err.txt &
  process=$!
  until_said opened.txt '^http://127.0.0.1:[0-9]+/\?token='
  prints out.txt "^$(sed 's/[?]/[?]/' opened.txt)\$"
  kill -TERM "$(pgrep -P $process)"
  wait $process
fi

printf '#!/bin/sh\nexit 3\n' >bin/xdg-open
ovid live --open Hello.som >out.txt 2>err.txt &
process=$!
until_said err.txt 'no browser could be opened; open the address yourself'
prints out.txt '^http://127.0.0.1:'
kill -TERM $process
ends 143 $process
