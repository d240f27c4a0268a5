"""Watches a PyTorch training run and streams its vital signs."""
