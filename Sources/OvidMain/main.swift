import CommandLine

OvidCommandLine.main()
