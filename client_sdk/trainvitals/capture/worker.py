"""The worker: a daemon thread that turns samples into statistics, histograms and facts."""

import threading
import time
from collections.abc import Callable, Sequence
from queue import SimpleQueue

import numpy as np

from trainvitals.capture.families import measure_all
from trainvitals.capture.filters import Filters
from trainvitals.capture.hunt import Hunt
from trainvitals.capture.layers import WatchedLayer, WatchedParameter, describe
from trainvitals.capture.lull import Lull
from trainvitals.capture.observation import Observation
from trainvitals.capture.observer import Observer, read_locations
from trainvitals.capture.pace import Pace
from trainvitals.capture.parameter_states import ParameterStates
from trainvitals.capture.ragged import Ragged
from trainvitals.capture.sample import Sample
from trainvitals.capture.symptoms import Symptoms
from trainvitals.collector import Collector
from trainvitals.guard import Guard
from trainvitals_wire.histogram import Histogram
from trainvitals_wire.names import EVALUATION_PREFIX


class Worker:
    """Takes samples from a queue and gives the buffers back when it has read them."""

    def __init__(
        self,
        layers: Sequence[WatchedLayer],
        parameters: Sequence[WatchedParameter],
        *,
        watch: object,
        collector: Collector,
        guard: Guard,
        pace: Pace,
        give_back: Callable[[Sample], None],
        leads: bool,
        elsewhere_seconds: Callable[[], float],
        on_alarm: Callable[[str], object],
        hunt: Hunt,
    ) -> None:
        self._watch = watch
        self._collector = collector
        self._filters = Filters(collector)
        self._measure_for(layers, parameters, give_back)
        self._guard = guard
        self._pace = pace
        self._leads = leads
        self._elsewhere_seconds = elsewhere_seconds
        self.spent_seconds = 0.0
        self._states = ParameterStates(collector)
        self._symptoms = Symptoms(collector, on_alarm, hunt)
        self._queue: SimpleQueue[Sample | Callable[[], None] | None] = SimpleQueue()
        self.lull: Lull[Sample] = Lull(self._queue.put)
        self._spent_before = (time.perf_counter(), 0.0)
        self._thread = threading.Thread(target=self._work, name="trainvitals-worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def submit(self, sample: Sample) -> None:
        """A sample is complete: its copies to the host set off, and the worker is woken by the next backward pass."""
        sample.depart()
        self.lull.put(sample)

    def call(self, task: Callable[[], None]) -> None:
        """Do something else in the worker, behind what is queued."""
        self.lull.end()
        self._queue.put(task)

    def renew(
        self,
        layers: Sequence[WatchedLayer],
        parameters: Sequence[WatchedParameter],
        give_back: Callable[[Sample], None],
    ) -> None:
        """The model has changed: what is submitted from now on has these rows, and is told with these layers."""

        def measure_anew() -> None:
            self._measure_for(layers, parameters, give_back)
            self._collector.layers(self._watch, describe(layers, parameters))

        self.call(measure_anew)

    def _measure_for(
        self,
        layers: Sequence[WatchedLayer],
        parameters: Sequence[WatchedParameter],
        give_back: Callable[[Sample], None],
    ) -> None:
        self._layers = layers
        self._parameters = parameters
        self._observer = Observer(layers, parameters, self._collector.several_ranks)
        self._give_back = give_back

    def settle(self, timeout_seconds: float) -> bool:
        """Wait until what is queued now is done; whether it was within the time."""
        done = threading.Event()
        self.call(done.set)
        return done.wait(timeout_seconds)

    def stop(self, timeout_seconds: float) -> None:
        """Finish what is queued, at most until the time is over."""
        self.lull.end()
        self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def _work(self) -> None:
        # A training that diverges has its own words; numpy's warnings about it are none of the user's.
        with np.errstate(all="ignore"):
            while (item := self._queue.get()) is not None:
                try:
                    if isinstance(item, Sample):
                        self._process(item)
                    else:
                        item()
                except Exception as error:
                    self._guard.caught("worker", error)

    def _process(self, sample: Sample) -> None:
        started = time.thread_time()
        try:
            sample.arrive()
            self._measure(sample)
            for task in sample.tasks:
                task()
        finally:
            depth, phase, training = sample.depth, sample.phase, sample.training_seconds
            step, moment = sample.step, sample.time
            # What it held is freed here, not on the training thread.
            sample.begin(depth, phase)
            self._give_back(sample)
        seconds = time.thread_time() - started
        if phase == "training":
            self._pace.worker_took(depth, seconds)
            self.spent_seconds += training + seconds
            if self._leads:
                self._tell_overhead(step, moment, training + seconds)

    def _measure(self, sample: Sample) -> None:
        locations = read_locations(sample)
        seen = self._observer.observe(sample, locations)
        prefix = EVALUATION_PREFIX if sample.phase == "evaluation" else ""
        for keys, values in measure_all(seen, prefix, of_the_run=self._leads):
            with np.errstate(over="ignore"):
                self._collector.statistics(keys, sample.step, sample.time, values.astype(np.float32))
        if sample.phase == "training":
            self._learn_layers(sample)
            self._symptoms.look(sample, seen, locations)
            self._states.look(seen, deep=sample.depth == "deep")
            if sample.depth == "deep":
                self._filters.look(sample, self._layers)
                self._count_histograms(seen, sample.time)

    def _learn_layers(self, sample: Sample) -> None:
        """The first forward pass tells the order of the layers and the shape of their outputs."""
        news = [row for row in sample.order if self._layers[row].order is None]
        for row in news:
            self._layers[row].order = sample.order.index(row)
            self._layers[row].output_shape = list(sample.shapes[row])
        if news:
            self._collector.layers(self._watch, describe(self._layers, self._parameters))

    def _count_histograms(self, seen: Observation, moment: float) -> None:
        for family in ("activations", "gradients", "weights", "updates"):
            part: Ragged = getattr(seen, family)
            for owner, row in zip(part.owners, part.rows, strict=True):
                self._collector.histogram(Histogram.of(f"{family[:-1]}/{owner}", seen.step, moment, row))

    def _tell_overhead(self, step: int, moment: float, seconds: float) -> None:
        now, elsewhere = time.perf_counter(), self._elsewhere_seconds()
        before, elsewhere_before = self._spent_before
        self._spent_before = (now, elsewhere)
        share = self._pace.spent(seconds + max(0.0, elsewhere - elsewhere_before), now - before)
        self.overhead_fraction = share
        self._collector.statistics(("overhead_fraction",), step, moment, (share,))

    overhead_fraction: float | None = None
