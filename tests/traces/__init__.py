"""Tests of the stack traces put together again."""
