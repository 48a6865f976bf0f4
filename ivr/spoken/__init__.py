"""Numbers as words in the right gender and number, so that no text-to-speech voice has to guess them.

Pure text. ``tongue("el")`` is Greek, ``tongue("en")`` English, with the same interface (``Tongue``).
Must not know prompts, menus or sound files.
"""

from .forms import FORMS, PLACES, fill, needs_words, places
from .tongue import DIGIT_GROUPS, GREATEST, GREATEST_ORDINAL, Gender, Noun, Tongue
from .tongues import TONGUES, tongue

__all__ = [
    "DIGIT_GROUPS",
    "FORMS",
    "GREATEST",
    "GREATEST_ORDINAL",
    "PLACES",
    "TONGUES",
    "Gender",
    "Noun",
    "Tongue",
    "fill",
    "needs_words",
    "places",
    "tongue",
]
