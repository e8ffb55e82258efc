"""The lab: records incidents from real servers and clients, in the shape Cloud Run gives them.

In: a scenario (what is broken, who is about, how it is logged). Out: a folder with the cycle's files,
the logs as LogEntries, and a label that says what the cause was. Nothing leaves the loopback.
"""
