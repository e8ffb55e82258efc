"""Tests of rca/doctor."""
