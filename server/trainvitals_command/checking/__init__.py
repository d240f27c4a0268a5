"""Judging stored runs anew."""
