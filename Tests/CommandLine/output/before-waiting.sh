# What a program asks is seen before it waits for the answer.

echo "Typing = ( run = ( 'name? ' print. ('Hello ' + system readLine) println. Stdin linesDo: [ :l | l printNl ] ) )" >Typing.som
mkfifo keys
ovid Typing.som <keys >out.txt 2>&1 &
process=$!
exec 9>keys
until_said out.txt 'name\?'
echo Ada >&9
exec 9>&-
ends 0 $process
prints out.txt '^name\? Hello Ada$'
