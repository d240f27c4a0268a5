"""Makes the throw-away Postgres importable by the tests beside it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "postgres"))
