"""What callers hear as files: spoken prompts, a studio's recordings, music; and what a studio has to record."""

from .prompts import Progress, PromptError, Sound
from .version_sounds import VersionSounds

__all__ = ["Progress", "PromptError", "Sound", "VersionSounds"]
