"""The folder of YAML files that makes an engine this line: reads, checks and tests them, and keeps versions."""

from .budget import Budget
from .findings import Finding, nearest, one_of
from .hints import hint
from .loader import Loaded
from .menu_tests import Tested, run_tests
from .site import Judge, Site, SiteSettings, callable_line, load_site
from .stored_settings import settings_digest, settings_from_text, settings_to_text
from .trial import MenuTrial
from .versions import Version, VersionError, Versions, difference, digest_of, somebody

__all__ = [
    "Budget",
    "Finding",
    "Judge",
    "Loaded",
    "MenuTrial",
    "Site",
    "SiteSettings",
    "Tested",
    "Version",
    "VersionError",
    "Versions",
    "callable_line",
    "difference",
    "digest_of",
    "hint",
    "load_site",
    "nearest",
    "one_of",
    "run_tests",
    "settings_digest",
    "settings_from_text",
    "settings_to_text",
    "somebody",
]
