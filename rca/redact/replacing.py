"""What puts a mask in a secret's place, as everything takes it that finds secrets."""

from collections.abc import Callable

Replace = Callable[[str, str], str]
"""(kind, secret) -> mask."""
