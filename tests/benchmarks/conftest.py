"""The benchmarks are scripts; what they reckon with is tested like everything else."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
