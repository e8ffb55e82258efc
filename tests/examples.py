"""How many examples a law draws where it does not draw as many as others do."""

from hypothesis import settings


def examples(usual: int) -> int:
    """So many, as a law's own number; in `make check` no more than any other law draws there."""
    return min(usual, settings().max_examples) if settings.get_current_profile_name() == "quick" else usual
