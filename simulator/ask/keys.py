"""What of a plan can be varied, in a line for help and messages; it imports nothing, so that help comes at once."""

KEYS = "seats, load, aht, patience, shrinkage, topic.NAME (factor), teach.SKILL (so many people learn it)"
