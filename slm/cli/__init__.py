"""The command line: one app that runs in the daemon for plain questions and in the client for everything else."""
