"""Tests of what records a cycle: real runs of pytest inside of tests."""
