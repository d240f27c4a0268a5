"""A run, as the training script holds it."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import Any, Literal

import numpy as np

from trainvitals.clock import Clock, checked_step
from trainvitals.collector import Collected, Collector
from trainvitals.errors import TrainingStopped
from trainvitals.failure import Failure, describe_failure
from trainvitals.guard import Guard
from trainvitals.heard import Heard
from trainvitals.link import Link
from trainvitals.losses import Losses
from trainvitals.metrics import Metrics
from trainvitals.plain import plain
from trainvitals.ranks import Rank
from trainvitals.sender import Sender
from trainvitals.settings import OnCritical
from trainvitals.shares import Shares
from trainvitals.spool import Spool
from trainvitals.summary import Summary
from trainvitals.system_metrics import SystemMetrics
from trainvitals.watches import Watches
from trainvitals_wire.frame import Frame
from trainvitals_wire.records import RunStatus, WarningEntry

FINISH_SECONDS_MAX = 30.0
"""How long the end of a run may wait for the server; what is left then stays in the spool."""
ALERT_LEVELS = ("info", "warn", "error")
AlertLevel = Literal["info", "warn", "error"]


class Run:
    """One execution of a training script. Made by `tv.init`.

    Nothing here raises into the training, except TrainingStopped from `log` where the run was made with
    `on_critical="stop"`.
    """

    def __init__(
        self,
        *,
        run_id: str,
        project: str,
        name: str,
        config: Mapping[str, Any],
        link: Link,
        spool: Spool,
        guard: Guard,
        on_critical: OnCritical = "continue",
        on_finish: Callable[["Run"], None] = lambda run: None,
        rank: Rank | None = None,
    ) -> None:
        self.project = project
        self.name = name
        self.config: Mapping[str, Any] = MappingProxyType(dict(config))
        self.summary = Summary()
        self._heard = Heard(guard, says=rank is None or rank.leads)
        self.warnings: list[WarningEntry] = self._heard.warnings
        self._id = run_id
        self._status: RunStatus = "running"
        self._link = link
        self._spool = spool
        self._guard = guard
        self._on_critical = on_critical
        self._on_finish = on_finish
        self._silent = False
        self._ending = threading.Lock()
        self._started = time.monotonic()
        self._collector = Collector(guard.drop, several_ranks=rank is not None)
        self._clock = Clock(link.next_step)
        self._watches = Watches(self._clock, self._collector, guard, lambda: self._sender.cpu_seconds)
        self._system = SystemMetrics(self._collector, lambda: self._clock.current, time.monotonic)
        self._losses = Losses(self._collector, self._watches.see_loss)
        self._metrics = Metrics(self._collector, guard, self._losses.logged)
        self._sender = Sender(
            collector=self._collector,
            spool=spool,
            link=link,
            guard=guard,
            capture=self._watches.state if rank is None or rank.leads else dict,
            on_taken=self._summarise,
            told=Shares(rank).of if rank is not None else lambda taken: taken,
            on_tick=self._tick,
            on_warnings=self._heard.hear,
        )

    @property
    def id(self) -> str:
        return self._link.created.id if self._link.created else self._id

    @property
    def first_step(self) -> int:
        """The step at which the run's clock began: 0, or one past what a resumed run had stored."""
        return self._link.next_step

    @property
    def url(self) -> str | None:
        """The run's page; None while no server knows the run."""
        return self._link.url

    @property
    def status(self) -> RunStatus:
        return self._status

    @property
    def dropped(self) -> dict[str, int]:
        """What was not kept so far, counted by reason."""
        return self._guard.counts()

    @property
    def progress(self) -> object:
        """Equal as long as no step is done and nothing is logged."""
        return self._clock.coming, self._collector.last_step

    def start(self) -> None:
        """Begin to send; `tv.init` has done so."""
        self._sender.start()

    def watch(
        self,
        model: Any,
        optimizer: Any = None,
        criterion: Any = None,
        *,
        name: str | None = None,
        log: Literal["all", "gradients", "parameters", "activations"] | None = "all",
        log_freq: int | None = None,
        include: Sequence[str] | str = (),
        exclude: Sequence[str] | str = (),
        budget: float = 0.02,
    ) -> None:
        """Capture the statistics of a `torch.nn.Module` from its next forward pass on.

        `optimizer` and `criterion` are told apart by type. `name` prefixes the layers (needed for a second model);
        `log` chooses the families; `log_freq` samples each so many steps and overrides `budget`, the share of the
        training time that capture may cost. `include` and `exclude` are shell patterns on dotted names.
        """
        if self._silent or not self._still_runs("watch"):
            return
        try:
            self._watches.add(
                model,
                (optimizer, criterion),
                prefix=name,
                log=log,
                log_freq=log_freq,
                include=include,
                exclude=exclude,
                budget=budget,
            )
        except Exception as error:
            self._guard.caught("watch", error)

    def unwatch(self, model: Any = None) -> None:
        """Take every hook off one model, or off all of them."""
        self._watches.remove(model)

    def log(self, values: Mapping[str, Any], step: int | None = None) -> None:
        """Store numbers, one-element tensors or histograms; without `step` they belong to the step last completed."""
        if self._silent:
            return
        critical = self._heard.critical
        if critical is not None and self._on_critical == "stop" and self._status == "running":
            raise TrainingStopped(f"{critical.get('summary', 'a critical warning')} (on_critical='stop')")
        if not self._still_runs("log"):
            return
        try:
            self._metrics.log(values, step, self._clock.of_log, time.time())
        except Exception as error:
            self._guard.caught("log", error)

    def alert(self, title: str, text: str = "", level: AlertLevel = "info", step: int | None = None) -> None:
        """Tell the people who follow the run something in words."""
        if self._silent or not self._still_runs("alert"):
            return
        if level not in ALERT_LEVELS:
            self._guard.warn_once("alert_level", f"alert level {level!r} is not known, taken as 'info'")
            level = "info"
        chosen = self._clock.current if step is None else checked_step(step)
        self._sender.alert({"title": str(title), "text": str(text), "level": level, "step": chosen})

    def finish(
        self,
        status: RunStatus = "finished",
        *,
        error: Failure | None = None,
        timeout_seconds: float = FINISH_SECONDS_MAX,
    ) -> None:
        """Send what is left and end the run; what the server cannot take within the time stays in the spool.

        `error` says in words what ended it; `fail` makes it of an exception.
        """
        self._finish(status, error, timeout_seconds)

    def fail(self, error: BaseException, *, timeout_seconds: float = FINISH_SECONDS_MAX) -> None:
        """End the run because of an exception: aborted for Ctrl-C, finished for `sys.exit(0)`, else failed."""
        if isinstance(error, SystemExit) and not error.code:
            self._finish("finished", None, timeout_seconds)
            return
        status: RunStatus = "aborted" if isinstance(error, KeyboardInterrupt) else "failed"
        self._finish(status, describe_failure(error) if status == "failed" else None, timeout_seconds)

    def __enter__(self) -> "Run":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            self.finish()
        else:
            self.fail(error)

    def silence(self) -> None:
        """In a forked child: no thread, no hook and no file of the parent's is touched any more."""
        self._silent = True
        self._watches.silence()

    def _finish(self, status: RunStatus, error: Failure | None, timeout_seconds: float) -> None:
        if self._silent or not self._ending.acquire(blocking=False):
            return
        try:
            self._end(status, error, timeout_seconds)
        except Exception as fault:
            self._guard.caught("finish", fault)
        finally:
            self._on_finish(self)

    def _end(self, status: RunStatus, error: Failure | None, timeout_seconds: float) -> None:
        if self._status != "running":
            return
        deadline = time.monotonic() + timeout_seconds
        self._status = status
        self._watches.stop(lambda: max(0.1, deadline - time.monotonic()))
        self._sender.stop(max(0.1, deadline - time.monotonic()))
        self._watches.release()
        fields: dict[str, Any] = {"status": status}
        if self.summary.own:
            fields["summary"] = plain(self.summary.own, [])
        if error is not None:
            fields["error"] = error
        complete = self._link.finish(fields, self._sender.waiting_alerts)
        self._spool.close(remove=complete)
        self._link.close()
        self._say_end(complete)

    def _say_end(self, complete: bool) -> None:
        said, found = self._guard.terminal, self._heard.incidents
        seconds = time.monotonic() - self._started
        last = self.summary.last_values() or "no metrics"
        count = f"{len(found)} incident{'' if len(found) == 1 else 's'} ({found.critical} critical)"
        said.news(f"run {self.name} {self._status} after {seconds:.0f} s; {last}; {count if found else 'no incidents'}")
        if complete:
            said.news(f"view it at {self.url}")
        else:
            said.warn(f"not everything is sent: `trainvitals sync {self._spool.directory}` sends the rest")

    def _still_runs(self, what: str) -> bool:
        if self._status == "running":
            return True
        self._guard.drop(f"{what}_after_finish")
        self._guard.warn_once("after_finish", f"run {self.name} has finished: what is logged now is not stored")
        return False

    def _see(self, frames: list[Frame]) -> None:
        metrics = [frame for frame in frames if frame.values.dtype == np.float64]
        for frame in metrics:
            self.summary.see(frame)
        self._losses.look(metrics)

    def _tick(self) -> None:
        self._system.tick()
        self._watches.wake()

    def _summarise(self, taken: Collected) -> None:
        self._see(taken.frames)
        self.summary.see_capture(self._watches.state())
