"""Numbers as they are said: words in the right gender and number, so that no voice has to guess them.

Pure text. ``tongue("el")`` has what Greek says, ``tongue("en")`` English; both answer the same questions (``Tongue``).
Must not know prompts, menus or sound files: those ask for words and do with them what they like.
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
