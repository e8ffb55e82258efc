"""Tests of the Logging query language: rca/lql."""
