#!/usr/bin/python3
"""Reads what `meson introspect --tests` prints; prints each test's name, a tab, and the shell
command that runs it. Usage: meson introspect --tests build | unit_commands.py"""

import json
import shlex
import sys

for test in json.load(sys.stdin):
    settings = [f"{key}={value}" for key, value in test["env"].items()]
    command = (["env"] + settings if settings else []) + test["cmd"]
    print(test["name"], shlex.join(command), sep="\t")
