"""How the pages, and anyone else, read what is stored: the server implements it in process, `tv.Api` over HTTP."""

from collections.abc import Sequence
from typing import Protocol

from trainvitals_wire.records import (
    Fact,
    Heatmap,
    HistogramColumns,
    Layer,
    Mute,
    Points,
    RunDetail,
    RunPage,
    SeriesEntry,
    Warnings,
)


class NotFound(LookupError):
    """There is no such run or series; `code` is that of the HTTP error (`run_not_found`, `series_not_found`)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Reader(Protocol):
    """Blocking reads; call them in a thread from async code. Every method raises NotFound for an unknown run."""

    def runs(
        self,
        *,
        project: str | None = None,
        status: str | None = None,
        tag: str | None = None,
        group: str | None = None,
        search: str | None = None,
        archived: bool = False,
        sort: str = "-created_at",
        limit: int = 100,
        cursor: str | None = None,
    ) -> RunPage:
        """A page of the run list; `sort` names a field of a run, `-` before it for the greatest first."""
        ...

    def run(self, run_id: str) -> RunDetail:
        """One run, whole."""
        ...

    def series(self, run_id: str) -> list[SeriesEntry]:
        """Every series of a run."""
        ...

    def data(
        self,
        run_id: str,
        keys: Sequence[str],
        *,
        first_step: int | None = None,
        last_step: int | None = None,
        points: int = 1000,
    ) -> Points:
        """Series in at most `points` buckets over an inclusive window; raises NotFound naming an unknown key."""
        ...

    def data_of_runs(
        self,
        run_ids: Sequence[str],
        keys: Sequence[str],
        *,
        first_step: int | None = None,
        last_step: int | None = None,
        points: int = 1000,
    ) -> dict[str, Points]:
        """The same series of several runs, by run; a run that lacks one goes without it."""
        ...

    def histograms(
        self,
        run_id: str,
        key: str,
        *,
        first_step: int | None = None,
        last_step: int | None = None,
        columns: int = 200,
    ) -> HistogramColumns:
        """The histograms of one key, in at most `columns` columns."""
        ...

    def heatmap(
        self,
        run_id: str,
        statistic: str,
        *,
        first_step: int | None = None,
        last_step: int | None = None,
        columns: int = 500,
    ) -> Heatmap:
        """One statistic of all layers; of a parameter statistic, that of each layer's largest parameter.

        Columns are reduced by max for gradients, updates and counts (spikes survive), by mean for the rest.
        """
        ...

    def layers(self, run_id: str) -> list[Layer]:
        """The layers of a run in forward order."""
        ...

    def facts(self, run_id: str, kind: str, *, owner: str | None = None) -> list[Fact]:
        """The newest 1,000 facts of one kind (of one owner), in the order in which they came."""
        ...

    def warnings(self, run_id: str) -> Warnings:
        """The warnings and incidents of a run, worst first, then by onset."""
        ...

    def mutes(self, run_id: str) -> list[Mute]:
        """The mutes of a run, the oldest first."""
        ...
