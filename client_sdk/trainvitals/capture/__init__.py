"""From a forward pass to numbers: hooks take small samples, a worker thread does the arithmetic."""
