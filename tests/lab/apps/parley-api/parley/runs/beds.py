"""Beds, and what may stand in them."""

from collections.abc import Iterable

SPACING_CM = {"leek": 15, "bean": 20, "squash": 90, "chard": 30}
BEDS = {"north": ("leek", "chard"), "south": ("bean", "squash")}


def best_bed(crop: str, grown: Iterable[str]) -> str:
    """The bed that suits the crop; the other one when the same was grown there before."""
    suited = [bed for bed, crops in BEDS.items() if crop in crops]
    if crop in set(grown):
        suited = [bed for bed in BEDS if bed not in suited]
    return suited[0]


def spacing_cm(crop: str) -> int:
    """Centimetres between two plants."""
    return SPACING_CM[crop]
