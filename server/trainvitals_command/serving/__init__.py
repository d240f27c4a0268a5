"""Puts the parts together and serves them."""
