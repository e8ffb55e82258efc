"""Apiary: the assistant on Quart under hypercorn."""
