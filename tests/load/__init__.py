"""Load and faults: the site as it runs in production, and what it does when it is asked or broken too much.

No part of ``make test``: ``make load`` runs it, and prints a table of what was measured beside its budget.
"""
