"""`import trainvitals` costs next to nothing: numpy and the standard library, no torch and no web framework."""

import json
import subprocess
import sys

MEASURE = """
import json, sys, time
import numpy
before = set(sys.modules)
start = time.perf_counter()
import trainvitals
seconds = time.perf_counter() - start
after = {name.partition(".")[0] for name in set(sys.modules) - before}
print(json.dumps({"seconds": seconds, "packages": sorted(after - set(sys.stdlib_module_names))}))
"""


def test_the_sdk_imports_nothing_but_numpy_and_the_standard_library() -> None:
    done = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    print(f"import trainvitals: {found['seconds'] * 1000:.0f} ms beyond numpy")
    own = {name for name in found["packages"] if name.startswith("trainvitals")}
    assert own == {"trainvitals", "trainvitals_wire"}
    assert set(found["packages"]) - own <= {"numpy"}


def test_the_command_starts_on_the_standard_library_alone() -> None:
    program = "import sys; import trainvitals_command.entry; print('numpy' in sys.modules, 'typer' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
