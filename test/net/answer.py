#!/usr/bin/python3
"""Prints one value, or a column of a table, of a JSON answer on standard input.

  binfm-cli --json show buffers | answer.py free
  binfm-cli --json show workers | answer.py workers packets     one line a row
"""

import json
import sys

answer = json.load(sys.stdin)
if not answer["ok"]:
    sys.exit(f"the gateway refused: {answer['error']}")
value = answer["data"][sys.argv[1]]
if len(sys.argv) > 2:
    for row in value:
        print(row[sys.argv[2]])
else:
    print(value)
