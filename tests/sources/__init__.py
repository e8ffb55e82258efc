"""Tests of the sources of log entries."""
