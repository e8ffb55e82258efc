"""python yardstick.py FILE: `orjson.loads` of every line of an export, and nothing else."""

import sys
from pathlib import Path

import orjson

with Path(sys.argv[1]).open("rb") as file:
    for line in file:
        orjson.loads(line)
