"""Nothing in the repository names the machine it was written on, nor where packages come from."""

import re
from pathlib import Path

from source_tree import relative, tracked_files

TEXT = {".py", ".md", ".toml", ".txt", ".yml", ".yaml", ".js", ".css", ".ini", ".mako", ".cfg", ""}
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+|opt/\w+)(?=[/\s\"'`)]|$)")
REGISTRY = re.compile(r"--(?:extra-)?index-url|--find-links|--trusted-host")


def found_in_text(pattern: re.Pattern[str]) -> dict[str, list[str]]:
    """Where a pattern is found, by file; this file, which holds the patterns, is left out."""
    paths = [path for path in tracked_files() if path.suffix in TEXT and path != Path(__file__)]
    assert len(paths) > 50
    hits = {relative(path): pattern.findall(path.read_text(encoding="utf-8", errors="replace")) for path in paths}
    return {name: found for name, found in hits.items() if found}


def test_no_file_names_a_path_of_a_machine() -> None:
    assert found_in_text(MACHINE_PATH) == {}


def test_no_file_names_a_package_registry() -> None:
    assert found_in_text(REGISTRY) == {}
