"""The door of a running line: who may stand in it, what its owner asks and orders, and who follows what happens.

Its modules are imported one by one: `line1555 status` needs no engine.
"""

__all__ = ["callback_requests", "doors", "floor", "follow", "follower", "hiding", "orders", "refusals", "status"]
