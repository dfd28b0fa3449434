Traceback (most recent call at bottom):
  Process>>beginProcess, Process.som, line 37, column 42:
    beginProcess      = ( value := block value )
  HowProcessesEnd>>run[], Tests/Corpus/Processes/HowProcessesEnd.som, line 6, column 26:
    p := [ [ 3 foo ] ensure: [ 'ensured' println ] ] fork. "stderr: Method foo not found in class Integer"
  HowProcessesEnd>>run[][], Tests/Corpus/Processes/HowProcessesEnd.som, line 6, column 20:
    p := [ [ 3 foo ] ensure: [ 'ensured' println ] ] fork. "stderr: Method foo not found in class Integer"
ERROR: Method foo not found in class Integer
ERROR: a block returned from a method that another process runs; process 6 ends
Traceback (most recent call at bottom):
  Process>>beginProcess, Process.som, line 37, column 42:
    beginProcess      = ( value := block value )
  HowProcessesEnd>>run[][], Tests/Corpus/Processes/HowProcessesEnd.som, line 29, column 15:
    [ [ 1 / 0 ] fork join. 'not across' println ] on: ZeroDivide do: [ :e | 'across' println ] "prints: not across"
Division by zero.
