"""Counted instructions of the hot functions, beside the ones that were accepted."""
