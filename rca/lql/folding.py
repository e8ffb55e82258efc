"""Text as comparisons see it: without letter case, composed, compatible forms made one.

In: any text. Out: its NFKC_Casefold. Regular expressions are not compared this way.
Source: "Logging query language", Comparison operators ("both operands are first normalized using NFKC_CF");
Unicode Standard, 3.13, toNFKC_Casefold; DerivedCoreProperties.txt, Default_Ignorable_Code_Point.
"""

import unicodedata

_IGNORABLE = (
    (0x00AD, 0x00AD),  # soft hyphen
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x061C, 0x061C),  # Arabic letter mark
    (0x115F, 0x1160),  # Hangul fillers
    (0x17B4, 0x17B5),  # Khmer inherent vowels
    (0x180B, 0x180F),  # Mongolian variation selectors and vowel separator
    (0x200B, 0x200F),  # zero width space, joiners, direction marks
    (0x202A, 0x202E),  # direction embeddings
    (0x2060, 0x206F),  # word joiner, invisible operators
    (0x3164, 0x3164),  # Hangul filler
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFEFF, 0xFEFF),  # byte order mark
    (0xFFA0, 0xFFA0),  # half-width Hangul filler
    (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3),  # shorthand format controls
    (0x1D173, 0x1D17A),  # musical format controls
    (0xE0000, 0xE0FFF),  # tags, variation selectors supplement
)
"""Characters that cannot be seen and that no comparison sees, as ranges."""

_REMOVED = {point: None for first, last in _IGNORABLE for point in range(first, last + 1)}


def fold(text: str) -> str:
    """The text's NFKC_Casefold; of plain ASCII, its small letters."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFD", text).translate(_REMOVED).casefold()
    folded = unicodedata.normalize("NFKC", folded).casefold()
    return unicodedata.normalize("NFKC", folded.translate(_REMOVED))
