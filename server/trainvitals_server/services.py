"""What the routes work with, made once by `create_app` and kept in `app.state.services`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Protocol

from fastapi import Depends
from starlette.requests import HTTPConnection

from trainvitals_server.intake import Intake
from trainvitals_server.measures import Measures
from trainvitals_server.settings import Settings
from trainvitals_wire.reader import Reader
from trainvitals_wire.records import WarningEntry, Warnings

if TYPE_CHECKING:
    from trainvitals_server.access.keys import Keys
    from trainvitals_server.access.session import Sessions
    from trainvitals_server.live.hub import Hub
    from trainvitals_server.ranks.merging import Merging
    from trainvitals_server.report_answers import ReportAnswers
    from trainvitals_server.states import States
    from trainvitals_server.storage.compactor import Compactor
    from trainvitals_server.storage.store import Store
    from trainvitals_server.upkeep.upkeep import Upkeep

Ready = Callable[[], str | None]
"""Says why the server cannot serve yet, None once it can; may block."""


Changed = Callable[[str, Warnings], None]
"""Takes the run whose warnings changed, and what they are now; may be called in any thread."""


class Diagnosis(Protocol):
    """What judges the runs while they are stored."""

    @property
    def passed_over(self) -> int:
        """Reports that were not judged as they came."""
        ...

    def start(self) -> None: ...

    def close(self) -> None: ...

    def new_warnings(self, run_id: str, writer_id: str) -> list[WarningEntry]:
        """The warnings that are new since the last answer to that writer."""
        ...

    def mutes_changed(self, run_id: str) -> None:
        """A mute of the run came or went; blocks."""
        ...

    def finish(self, run_id: str, planned: bool = False) -> None:
        """A run has ended, as it was planned or not, or was deleted: judge it a last time and let it go; blocks."""
        ...


MakeDiagnosis = Callable[[Changed], Diagnosis]


@dataclass(frozen=True)
class Services:
    """The parts of a running server."""

    settings: Settings
    store: "Store"
    reader: Reader
    hub: "Hub"
    states: "States"
    keys: "Keys"
    sessions: "Sessions"
    measures: Measures
    ready: Ready
    diagnosis: Diagnosis | None
    answers: "ReportAnswers | None"
    merging: "Merging"
    compactor: "Compactor"
    intake: Intake
    upkeep: "Upkeep"


def _services(connection: HTTPConnection) -> Services:
    services: Services = connection.app.state.services
    return services


Server = Annotated[Services, Depends(_services)]
"""A route's parameter of this type gives it the services."""
