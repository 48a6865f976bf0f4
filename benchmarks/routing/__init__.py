"""Routing rules compared on equal callers: a virtual floor, the cases, the rules, their bounds."""
