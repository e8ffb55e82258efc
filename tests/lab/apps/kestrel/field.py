# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: INP001 - two scripts side by side, not a package
"""Beds of the field."""


class Field:
    """Knows which crop goes where."""

    beds = {"north": ["leek", "chard"], "south": ["bean", "squash"]}  # noqa: RUF012 - never changed

    def bed(self, crop: str) -> str:
        """The crop's bed."""
        return next(bed for bed, crops in self.beds.items() if crop in crops)
