"""How an app logs: a module a dialect. The package is copied beside the app, and the app's `journal.py` names one.

Each dialect has `TRACE`, `set_up()` and `journal(name)`, whose info, warning, error and exception take a text and
fields. `JOURNAL_TRACE=1` puts the request's trace on each line; `JOURNAL_FIELDS=0` drops the fields, and with them
all ids.
"""
