"""A verdict as a person reads it."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from trainvitals_command.checking.verdict import Verdict
from trainvitals_wire.records import CauseEntry, Incident, RuleEntry

STYLES = {"critical": "bold red", "warning": "yellow", "note": "dim"}


def show(verdict: Verdict, console: Console) -> None:
    """Print the incidents of a run, worst first, and which rules were not measured."""
    run, incidents = verdict.run, verdict.found["incidents"]
    steps = "no steps" if run.last_step is None else f"{run.last_step + 1} steps"
    console.print(Text(f"{run.project} / {run.name}", style="bold"), Text(f"{run.id}, {run.status}, {steps}"))
    if incidents:
        console.print(_table(incidents))
    else:
        console.print(Text("No incidents."))
    notes = sum(warning["severity"] == "note" for warning in verdict.found["warnings"])
    if notes:
        console.print(Text(f"{notes} note{'s' * (notes > 1)}: symptoms without harm.", style="dim"))
    for line in _unmeasured(verdict.found.get("rules", ())):
        console.print(Text(line, style="dim"))
    console.print()


def _table(incidents: Iterable[Incident]) -> Table:
    table = Table("", "Step", "Layer", "What", "What to do", expand=True, show_lines=True)
    for incident in incidents:
        state = "" if incident["state"] == "firing" else f", {incident['state']}"
        table.add_row(
            Text(f"{incident['severity']}{state}", style=STYLES[incident["severity"]]),
            Text(str(incident["first_step"])),
            Text(incident["layer"] or ""),
            Text("\n".join([incident["title"], *map(_cause, incident["causes"])])),
            Text(incident["remedy"]),
        )
    return table


def _cause(cause: CauseEntry) -> str:
    return f"{cause['cause']}: {cause['why']}"


def _unmeasured(rules: Iterable[RuleEntry]) -> list[str]:
    """One line for each reason, with the rules that it keeps from judging."""
    lacking: dict[str, list[str]] = {}
    for rule in rules:
        if rule["state"] == "not_measured":
            lacking.setdefault(rule["why"], []).append(rule["rule"])
    return [f"{why}  ({', '.join(names)})" for why, names in lacking.items()]
