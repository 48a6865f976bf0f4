"""The seed of who names none; it imports nothing, so that help comes at once."""

SEED = 1
"""Chosen before anything was run with it (docs/decisions/0008-simulator.md)."""
