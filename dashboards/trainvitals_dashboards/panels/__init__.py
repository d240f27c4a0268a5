"""The parts of pages that refresh with news of a run."""
