"""Consulate: the assistant as a Channels consumer under daphne."""
