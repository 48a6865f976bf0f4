"""Results as one self-contained HTML page with plots, for the screen and for paper, and the plots as files; en, el."""

from .page import report
from .pictures import pictures

__all__ = ["pictures", "report"]
