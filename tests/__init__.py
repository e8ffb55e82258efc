"""Tests of rca."""
