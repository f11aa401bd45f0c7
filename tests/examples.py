"""How many examples a property is tried with, where each takes long."""

from hypothesis import settings

few = settings(max_examples=max(2, settings().max_examples // 3))
