"""What `make sickbay` prints: one line a fault, the false alarms, and the totals beside those of the naive rules."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from .bay import Result
from .case import Case
from .figures import Found, Healing, Say, false_alarms
from .program import fault_of

SAYS: dict[str, Say] = {"trainvitals": lambda result: result.judged, "naive rules": lambda result: result.naive}
REACH = {"detected": ">= 97 %", "right cause first": ">= 85 %", "within two": ">= 93 %", "false alarms": "<= 2 %"}


def show(every: dict[Case, Result], console: Console) -> None:
    """The three tables; what is sealed stands in the totals alone."""
    sick = [result for case, result in every.items() if case.role == "sick"]
    console.print(by_fault([result for result in sick if not result.case.sealed], every))
    console.print(alarms(every))
    console.print(totals(sick, every))


def by_fault(sick: Sequence[Result], every: dict[Case, Result]) -> Table:
    """How often each fault was found, and what was said instead."""
    table = Table(
        "fault", "half", "right cause", title="Faults (of the trainings: alarmed, right cause first, within two)"
    )
    for heading in ("of", "alarm", "first", "in 2", "steps", "healed", "naive 1st"):
        table.add_column(heading, justify="right")
    table.add_column("said first instead", overflow="fold")
    for name in sorted({result.case.name for result in sick}):
        fault, own = fault_of(name), [result for result in sick if result.case.name == name]
        found, naive, healing = (
            Found.of(own, SAYS["trainvitals"]),
            Found.of(own, SAYS["naive rules"]),
            Healing.of(own, every),
        )
        missed = sorted(
            {_said(result) for result in own if result.judged.causes[:1] not in [(c,) for c in fault.causes]}
        )
        table.add_row(
            name,
            fault.half,
            fault.causes[0],
            *(str(n) for n in (found.trainings, found.alarmed, found.first, found.within_two)),
            "" if found.median_steps is None else f"{found.median_steps:.0f}",
            f"{healing.healed}/{healing.applied}" if healing.applied else "",
            str(naive.first),
            ", ".join(missed),
        )
    return table


def _said(result: Result) -> str:
    return f"{result.case.trained}: {result.judged.causes[0] if result.judged.causes else 'nothing'}"


def alarms(every: dict[Case, Result]) -> Table:
    """Each healthy training of which more than a note was said."""
    table = Table("healthy training", "seed", "step", "rule", "summary", title="False alarms")
    for case, result in every.items():
        if case.role in ("healthy", "twin") and result.judged.alarmed and not case.sealed:
            rules = ", ".join(result.judged.alarms)
            name = f"{case.role} {case.name}, {case.trained}"
            table.add_row(name, str(case.seed), str(result.judged.step), rules, result.judged.summary)
    return table


def totals(sick: Sequence[Result], every: dict[Case, Result]) -> Table:
    """What the policy buys."""
    table = Table("", *SAYS, "reach", title="Totals")
    found = {name: Found.of(sick, say) for name, say in SAYS.items()}
    for title, count in (
        ("detected", "alarmed"),
        ("right cause first", "first"),
        ("within two", "within_two"),
        ("named at all", "named"),
    ):
        cells = (share(getattr(each, count), each.trainings) for each in found.values())
        table.add_row(title, *cells, REACH.get(title, ""))
    for title, role in (("false alarms, healthy runs", "healthy"), ("false alarms, fixed twins", "twin")):
        own = [result for case, result in every.items() if case.role == role]
        table.add_row(
            title, *(share(len(false_alarms(own, say)), len(own)) for say in SAYS.values()), REACH["false alarms"]
        )
    for title, by_definition in (
        ("steps to the warning, by definition", True),
        ("steps to the warning, others", False),
    ):
        own = [result for result in sick if fault_of(result.case.name).by_definition is by_definition]
        medians = (Found.of(own, say).median_steps for say in SAYS.values())
        table.add_row(title, *("" if m is None else f"{m:.0f}" for m in medians), "<= 50" if by_definition else "")
    healing = Healing.of(sick, every)
    table.add_row("first remedy heals", share(healing.healed, healing.applied), "", "")
    return table


def share(part: int, whole: int) -> str:
    """As a percentage with its counts."""
    return f"{part / whole:.1%} ({part}/{whole})" if whole else ""
