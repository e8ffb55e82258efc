"""Tests of attaching: against a server on the loopback, held to GitHub's own description of its API."""
