"""What the rules say of one stored run."""

from dataclasses import asdict, dataclass
from typing import Any

from trainvitals_command.errors import CannotCheck
from trainvitals_server.diagnosis.judge import Judge
from trainvitals_server.diagnosis.rulebook import rulebook
from trainvitals_server.diagnosis.rules_file import RulesFile
from trainvitals_server.muting import muted
from trainvitals_server.storage.errors import RunNotFound, RunUnclear
from trainvitals_server.storage.mutes import mutings
from trainvitals_server.storage.run_lookup import FoundRun
from trainvitals_server.storage.store import Store
from trainvitals_wire.records import Warnings


@dataclass(frozen=True, slots=True)
class Verdict:
    """A run and its warnings, incidents and rules, with the mutes of the run."""

    run: FoundRun
    found: Warnings

    @property
    def critical(self) -> bool:
        """Whether anything was critical that is not muted, also if it is over."""
        return any(w["severity"] == "critical" and w["state"] != "muted" for w in self.found["warnings"])

    def entry(self) -> dict[str, Any]:
        """The verdict as JSON."""
        return {"run": asdict(self.run), "critical": self.critical, **self.found}


def judged(store: Store, word: str, rules: RulesFile | None) -> Verdict:
    """Judge the run that is called `word`; raises CannotCheck where there is none, or a rule fails."""
    try:
        run = store.look_up(word)
    except (RunNotFound, RunUnclear) as error:
        raise CannotCheck(f"{error}.") from error
    judge = Judge(rulebook(rules, store.traits(run.id)), on_error=_failed)
    for report in store.reports(run.id):
        judge.follow(report)
    if run.status == "finished":
        judge.end()
    return Verdict(run, muted(judge.evaluate(), mutings(store.mutes(run.id))))


def _failed(rule: str, error: Exception) -> None:
    raise CannotCheck(f"the rule {rule} failed: {type(error).__name__}: {error}.") from error
