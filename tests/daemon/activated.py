"""Becomes a program with descriptors passed as systemd passes them: ``activated.py FDS PID-OR-SELF program …``."""

import os
import sys

descriptors, whom, *program = sys.argv[1:]
passed = [int(text) for text in descriptors.split(",")]
for at, descriptor in enumerate(passed):
    os.dup2(descriptor, 3 + at)
os.environ["LISTEN_FDS"] = str(len(passed))
os.environ["LISTEN_PID"] = str(os.getpid()) if whom == "self" else whom
os.environ["LISTEN_FDNAMES"] = ":".join(["slm.socket"] * len(passed))
os.execv(program[0], program)
