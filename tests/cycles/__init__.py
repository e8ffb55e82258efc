"""Tests of rca.cycles."""
