"""What callers hear as files: spoken prompts, a studio's recordings, music; and what a studio has to record."""

from .editions import Editions
from .prompts import Progress, PromptError, Sound

__all__ = ["Editions", "Progress", "PromptError", "Sound"]
