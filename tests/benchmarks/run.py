"""Runs every benchmark one after another and says on which machine; `make bench`. Nothing is asserted here."""

import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

BENCHMARKS = (
    "step_time.py",
    "ingest.py",
    "ingest_http.py",
    "pressure.py",
    "run_list.py",
    "deletion.py",
    "reads.py",
    "live_latency.py",
    "judge.py",
)


def main() -> int:
    print(machine(), flush=True)
    codes = []
    for name in BENCHMARKS:
        print(f"\n== {name.removesuffix('.py').replace('_', ' ')}", flush=True)
        codes.append(subprocess.run([sys.executable, Path(__file__).with_name(name), *sys.argv[1:]]).returncode)
    return max(codes)


def machine() -> str:
    """Processor, cores, and the versions that matter, in one line."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    versions = f"Python {platform.python_version()}, torch {version('torch')}, numpy {version('numpy')}"
    return f"{processor()}, {cores} cores, {platform.system()} {platform.release()}; {versions}"


def processor() -> str:
    """The processor's own name where the system tells it."""
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    sys.exit(main())
