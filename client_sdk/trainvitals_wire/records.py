"""The JSON records of the HTTP contract (API.md), as both sides and the pages know them."""

from typing import Any, Literal, NotRequired, TypedDict

RunStatus = Literal["running", "stale", "finished", "failed", "crashed", "aborted"]
Severity = Literal["note", "warning", "critical"]
WarningState = Literal["firing", "resolved", "muted"]
RuleState = Literal["firing", "quiet", "muted", "warming_up", "not_measured"]
SEVERITIES: tuple[Severity, ...] = ("note", "warning", "critical")
"""From mild to worst."""


class Parameter(TypedDict):
    """A weight tensor of a layer."""

    name: str
    shape: list[int]
    dtype: str
    trainable: bool
    in_optimizer: bool
    sharded: NotRequired[bool]
    """Each rank holds another part of it."""


class Layer(TypedDict):
    """A watched module; `order` is its place in the forward pass."""

    name: str
    type: str
    order: int
    output_shape: list[int] | None
    parameters: list[Parameter]
    aliases: NotRequired[list[str]]
    attributes: NotRequired[dict[str, Any]]


class Fact(TypedDict, total=False):
    """Something the SDK saw that is no number of a series; `kind` says what, further fields are the kind's own.

    Kinds, each with its fields in docs/sdk.md: `criterion`, `batch`, `input`, `labels`, `target`, `classes`,
    `modes`, `optimizer`, `parameters`, `no_gradient` (parameters), `nonfinite` (where, owner), `skipped_step`
    (count), `watch_off` (reason), `rank` (details: rank, world_size of the sender; what a rank other than 0 saw has
    its `rank` in the details).
    """

    kind: str
    step: int
    owner: str
    where: str
    type: str
    parameters: list[str]
    details: dict[str, Any]


class MetricSummary(TypedDict):
    """Last, least and greatest value of a metric."""

    last: float | None
    min: float | None
    max: float | None


class WarningCounts(TypedDict):
    """How many warnings of each severity fire."""

    critical: int
    warning: int
    note: int


class Run(TypedDict):
    """A run as lists show it."""

    id: str
    project: str
    name: str
    status: RunStatus
    group: str | None
    tags: list[str]
    notes: str | None
    archived: bool
    pinned: bool
    created_at: float
    last_seen_at: float
    finished_at: float | None
    last_step: int | None
    config: dict[str, Any]
    summary: dict[str, Any]
    warnings: WarningCounts
    overhead_fraction: float | None
    url: str


class RunDetail(Run):
    """One run, whole."""

    environment: dict[str, Any]
    dropped: dict[str, int]
    error: dict[str, str] | None
    capture: dict[str, Any]


class RunPage(TypedDict):
    """A page of the run list."""

    runs: list[Run]
    next_cursor: str | None
    total: int


class SeriesEntry(TypedDict):
    """What is known of a series without reading it."""

    key: str
    kind: Literal["metric", "statistic", "system", "histogram"]
    unit: str
    first_step: int
    last_step: int
    last_value: float | None
    count: int


class SeriesPoints(TypedDict):
    """A series in buckets; lists of equal length, `steps` the first step of each."""

    key: str
    steps: list[int]
    times: list[float]
    min: list[float | None]
    max: list[float | None]
    mean: list[float | None]
    last: list[float | None]
    count: list[int]
    nonfinite: list[int]


class Points(TypedDict):
    """The answer of `data`."""

    series: list[SeriesPoints]
    last_step: int | None


class HistogramColumns(TypedDict):
    """The answer of `histograms`: `counts` is [columns][buckets], `edges` one longer than a column."""

    key: str
    edges: list[float]
    steps: list[int]
    counts: list[list[int]]
    nonfinite: list[int]


class Heatmap(TypedDict):
    """The answer of `heatmap`: `values` is [layers][columns], in forward order."""

    layers: list[str]
    steps: list[int]
    values: list[list[float | None]]


class CauseEntry(TypedDict):
    """A cause and the observation that speaks for it."""

    cause: str
    why: str


class WarningEntry(TypedDict):
    """A stored finding with a life (DESIGN.md section 4)."""

    id: str
    rule: str
    severity: Severity
    state: WarningState
    layer: str | None
    series: str | None
    first_step: int
    last_step: int
    value: float | None
    threshold: str
    summary: str
    causes: list[CauseEntry]
    remedy: str
    expect: str
    source: str
    incident: str | None
    mute: NotRequired["MuteReason"]


class MuteReason(TypedDict):
    """Which mute silences a warning, and why; the id is null where the server's rules file says so."""

    id: str | None
    reason: str


class Mute(TypedDict):
    """A rule that is silent for the layers that a shell pattern fits."""

    id: str
    rule: str
    layers: str
    reason: str
    created_at: float


class Incident(TypedDict):
    """Warnings that share a cause and an onset, shown as one card."""

    id: str
    severity: Severity
    state: WarningState
    title: str
    first_step: int
    layer: str | None
    causes: list[CauseEntry]
    remedy: str
    warnings: list[str]


class RuleEntry(TypedDict):
    """Where a rule stands; `why` says what a rule that is not measured lacks."""

    rule: str
    state: RuleState
    why: str


class Warnings(TypedDict):
    """The answer of `warnings`: worst first, then by onset; a run that was never judged has no `rules`."""

    warnings: list[WarningEntry]
    incidents: list[Incident]
    rules: NotRequired[list[RuleEntry]]


class Layers(TypedDict):
    """The answer of `layers`, in forward order."""

    layers: list[Layer]
