"""What the team does together: who is to do what at which entry, notes for colleagues, and what has changed lately."""
