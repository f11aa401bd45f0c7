"""The history of an entry as staff read it, and returning to an earlier version."""
