"""Results as one self-contained HTML page with plots, for the screen and for paper, in English and Greek."""

from .page import report

__all__ = ["report"]
