"""Coverage-guided fuzzing of every reader: `python -m tests.fuzz READER` (needs the extra `fuzz`).

`readers` says what is read and from what it starts, `mutations` how an input becomes another, `run` is the one process
that fuzzes, `__main__` starts it, again and again until coverage stops growing. What found something is kept in
`found/READER/` and read by the ordinary tests.
"""
