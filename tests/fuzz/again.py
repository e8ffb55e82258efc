"""`python -m tests.fuzz.again READER FILE`: one input once more, as the program itself would read it."""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.readers import READERS, accepts

if __name__ == "__main__":
    reader = READERS[sys.argv[1]]
    for seed in list(reader.seeds())[:3]:
        with TemporaryDirectory() as place:
            accepts(reader, seed, Path(place))
    with TemporaryDirectory() as place:
        began = time.process_time()
        accepts(reader, Path(sys.argv[2]).read_bytes(), Path(place))
        took = time.process_time() - began
    assert took < 1, f"{took:.2f} s of CPU"
