"""The line's process fed by an Asterisk that is none: see ``__main__.py``."""
