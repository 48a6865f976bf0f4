"""The door of a running line: who may stand in it, what its owner asks and orders, callbacks in local time.

Its modules are imported one by one: `line1555 status` needs no engine.
"""

__all__ = ["callback_requests", "doors", "floor", "orders", "status"]
