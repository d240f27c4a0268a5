"""How the ranks of a training come to one run: rank 0 makes it, the others learn its id. No collective, no hang."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from trainvitals import ranks
from trainvitals.ranks import Rank
from trainvitals.transport.contract import Request

WAIT_SECONDS_MAX = 10.0
"""How long `init` waits for rank 0 to have made its run."""
KEY = "trainvitals/run/{number}"


@dataclass(frozen=True, slots=True)
class Agreed:
    """The run that rank 0 made, and the step its clock begins at."""

    run_id: str
    first_step: int


class Meeting:
    """Where the ranks meet for the `number`-th `init` of the script."""

    def __init__(
        self,
        rank: Rank,
        number: int,
        *,
        wait_seconds: float = WAIT_SECONDS_MAX,
        store: Callable[[], Any] = ranks.store,
    ) -> None:
        self._rank = rank
        self._store = store
        self._key = KEY.format(number=number)
        self._number = number
        self._wait_seconds = wait_seconds

    def led(self, request: Request, named: bool) -> Request:
        """Rank 0's request: under torchrun with an id that follows from the launch, so that a restart resumes it."""
        environment = request.environment | {"rank": 0, "world_size": self._rank.count}
        if named or self._derived is None:
            return replace(request, environment=environment)
        return replace(request, id=self._derived, resume="allow", environment=environment)

    def joining(self, request: Request, named: bool) -> tuple[Request, int | None] | None:
        """Another rank's request, and the step its clock begins at (None: the server knows); None: there is no run.

        With `resume="must"` rank 0 may not have made the run yet: ask again for `WAIT_SECONDS_MAX`.
        """
        facts = {name: request.environment[name] for name in ("host", "process") if name in request.environment}
        mine = replace(request, resume="allow", environment={f"rank{self._rank.number}": facts})
        agreed = self._read()
        if agreed is not None:
            return replace(mine, id=agreed.run_id), agreed.first_step
        if not named and self._derived is None:
            return None
        first_step = None if named or self._rank.restarted else 0
        resume = "must" if request.resume == "never" else "allow"
        return replace(mine, id=request.id if named else str(self._derived), resume=resume), first_step

    def alone(self, request: Request, new_id: Callable[[], str]) -> Request:
        """The request of a rank that found no run to join: one of its own, in a group that shows the kinship."""
        return replace(
            request, id=new_id(), resume="never", group=request.group or f"launch {self._rank.master}".strip()
        )

    def publish(self, run_id: str | None, first_step: int = 0) -> None:
        """Tell the other ranks of the run, or (None) that there is none; costs one message to the store."""
        if (store := self._store()) is not None:
            try:
                store.set(self._key, json.dumps({"id": run_id, "first_step": first_step}))
            except Exception:
                # The others stop waiting by themselves.
                return

    @property
    def _derived(self) -> str | None:
        if self._rank.launch is None:
            return None
        return hashlib.blake2b(f"{self._rank.launch} {self._number}".encode(), digest_size=16).hexdigest()

    def _read(self) -> Agreed | None:
        if (store := self._store()) is None:
            return None
        try:
            store.wait([self._key], timedelta(seconds=self._wait_seconds))
            found = json.loads(store.get(self._key))
            return Agreed(found["id"], found["first_step"]) if found["id"] else None
        except Exception:
            # Nobody answered in time, or the store is gone.
            return None
