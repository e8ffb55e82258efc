"""Tests of `rca.repo`."""
