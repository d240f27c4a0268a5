"""Our own follower: a run that watches, as the documentation shows it."""

import time
from typing import Any

from torch import nn

import trainvitals as tv

ARRIVAL_SECONDS_MAX = 30.0


class Watched:
    """Follows one model by a run of its own."""

    def __init__(self, server: str, name: str, folder: str) -> None:
        self._api = tv.Api(server=server)
        self.run = tv.init(project="benchmark", name=name, server=server, dir=folder, terminal="nothing")

    def follow(self, model: nn.Module, optimizer: Any, criterion: nn.Module) -> None:
        self.run.watch(model, optimizer, criterion)

    def step_begins(self) -> None: ...

    def backward_done(self) -> None: ...

    def step_done(self, loss: Any) -> None:
        self.run.log({"loss": loss})

    def capture(self) -> dict[str, Any]:
        """Interval, deep interval, mode, cost: as the run page shows them."""
        return self.run._watches.state()

    def counts(self, *kinds: str) -> dict[str, int]:
        """How many values the server has of each series of some kinds, once the step last completed has arrived."""
        last = self.run._clock.current
        end = time.monotonic() + ARRIVAL_SECONDS_MAX
        while True:
            found = {entry["key"]: entry for entry in self._api.series(self.run.id)}
            if "loss" in found and found["loss"]["last_step"] >= last:
                break
            if time.monotonic() > end:
                raise SystemExit(f"step {last} did not reach the server within {ARRIVAL_SECONDS_MAX:.0f} s")
            time.sleep(0.2)
        return {key: entry["count"] for key, entry in found.items() if entry["kind"] in kinds}

    def close(self) -> None:
        self.run.finish()
