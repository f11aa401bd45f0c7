"""Proposals in the admin: the forms of live entries keep what is typed as one, and a page leads it to the public."""
