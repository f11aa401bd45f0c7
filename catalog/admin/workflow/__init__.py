"""The steps of an entry: its status, the ratings of a program, and merging two entries into one."""
