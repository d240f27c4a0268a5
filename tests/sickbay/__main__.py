"""`make sickbay`: train faults, twins, healthy runs and programs, judge them, print how well the diagnosis does."""

import argparse
import json
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from .bay import Plan, Result, examine_all
from .case import Case, chosen, healthy_cases, sick_cases, twin_of
from .fault import load_faults, load_healthy
from .figures import ROUNDS_MAX, Found, Healing, remedied
from .program import Program, load_programs
from .recording import FOLDER, sdk_fingerprint
from .table import SAYS, show

CONSOLE = Console(width=180)


def main() -> None:
    """Train, judge, print."""
    arguments = _arguments()
    if arguments.list:
        _list()
        return
    began = time.perf_counter()
    seeds = range(arguments.seeds)
    faults, healthy = chosen(arguments.only, arguments.half, arguments.programs, arguments.programs_alone)
    sick = [case for fault in faults for case in sick_cases(fault, seeds)]
    well = [case for item in healthy for case in healthy_cases(item, seeds)]
    plan = Plan("none" if arguments.rejudge else "all" if arguments.retrain else "stale", arguments.log_freq)
    every = _examined([*sick, *(twin_of(case) for case in sick), *well], plan, arguments.workers)
    for _ in range(ROUNDS_MAX):
        after = [case for case in (remedied(every[case], every) for case in sick if case in every) if case]
        if not (found := _examined([case for case in after if case not in every], plan, arguments.workers)):
            break
        every |= found
    show(every, CONSOLE)
    _write(every, arguments.json)
    _tell_age(every.values(), time.perf_counter() - began)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sickbay", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these names alone")
    parser.add_argument("--half", choices=("a", "b"), help="the design half (a) or the verification half (b) alone")
    parser.add_argument("--programs", choices=("open", "sealed", "all", "none"), default="none", help="which programs")
    parser.add_argument("--programs-alone", action="store_true", help="no fault and no healthy run beside programs")
    parser.add_argument("--seeds", type=int, default=3, help="seeds of each training (3)")
    parser.add_argument("--workers", type=int, default=2, help="processes (2)")
    parser.add_argument("--rejudge", action="store_true", help="judge what is recorded, train nothing")
    parser.add_argument("--retrain", action="store_true", help="train everything, even what is recorded")
    parser.add_argument("--log-freq", type=int, help="sample each so many steps in place of the SDK's own budget")
    parser.add_argument("--json", type=Path, default=FOLDER / "results.json", help="where the results go")
    parser.add_argument("--list", action="store_true", help="name what there is")
    arguments = parser.parse_args()
    if arguments.programs_alone and arguments.programs == "none":
        parser.error("--programs-alone needs --programs open, sealed or all")
    return arguments


def _list() -> None:
    for fault in load_faults().values():
        print(f"{fault.half}  {fault.name}: {fault.causes[0]} in {', '.join(fault.trainings)}")
    for healthy in load_healthy().values():
        print(f"{healthy.half}  healthy {healthy.name}: {', '.join(healthy.trainings)}")
    for program in load_programs().values():
        print(f"{program.half}  program {program.name}: {'sealed' if program.sealed else _ailment(program)}")


def _ailment(program: Program) -> str:
    return program.causes[0] if program.causes else "healthy"


def _examined(cases: Iterable[Case], plan: Plan, workers: int) -> dict[Case, Result]:
    with CONSOLE.status("") as status:
        found = examine_all(cases, plan, workers, lambda done, total: status.update(f"{done} of {total} trainings"))
        return {result.case: result for result in found}


def _write(every: dict[Case, Result], path: Path) -> None:
    sick = [result for case, result in every.items() if case.role == "sick"]
    names = sorted({result.case.name for result in sick if not result.case.sealed})
    healing = Healing.of(sick, every)
    written: dict[str, Any] = {
        "totals": {name: Found.of(sick, say).entry() for name, say in SAYS.items()},
        "healing": asdict(healing),
        "faults": {
            name: Found.of([r for r in sick if r.case.name == name], SAYS["trainvitals"]).entry() for name in names
        },
        "trainings": [asdict(result) for case, result in every.items() if not case.sealed],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(written, indent=1), encoding="utf-8")


def _tell_age(results: Iterable[Result], seconds: float) -> None:
    found = list(results)
    old = sum(result.course.sdk != sdk_fingerprint() for result in found)
    trained = sum(result.course.seconds for result in found)
    print(f"{len(found)} trainings, {trained:.0f} s of a processor to train; this took {seconds:.0f} s.")
    for result in found:
        for rule, error in result.judged.failures.items():
            print(f"rule {rule} failed on {'a sealed program' if result.case.sealed else result.case.key}: {error}")
    if old:
        print(f"{old} recordings were made with another version of the SDK; without --rejudge they are made anew.")


if __name__ == "__main__":
    main()
