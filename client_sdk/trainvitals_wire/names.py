"""The names of the statistics and how a series key is built from them (DESIGN.md section 3)."""

from dataclasses import dataclass
from typing import Literal

from trainvitals_wire.ranks import rank_key, split_rank

Owner = Literal["layer", "parameter", "either", "run"]
Kind = Literal["metric", "statistic", "system", "histogram"]


@dataclass(frozen=True, slots=True)
class Statistic:
    """One number about one tensor at one step."""

    name: str
    owner: Owner
    unit: str = ""


STATISTICS: tuple[Statistic, ...] = (
    Statistic("activation_mean", "layer"),
    Statistic("activation_std", "layer"),
    Statistic("activation_zero_fraction", "layer"),
    Statistic("activation_absmax", "layer"),
    Statistic("activation_saturated_fraction", "layer"),
    Statistic("saturated_unit_fraction", "layer"),
    Statistic("dead_unit_fraction", "layer"),
    Statistic("nonpositive_unit_fraction", "layer"),
    Statistic("activation_count", "layer"),
    Statistic("weight_mean", "parameter"),
    Statistic("weight_std", "parameter"),
    Statistic("weight_norm", "parameter"),
    Statistic("weight_count", "parameter"),
    Statistic("gradient_mean", "parameter"),
    Statistic("gradient_std", "parameter"),
    Statistic("gradient_norm", "parameter"),
    Statistic("gradient_cosine", "parameter"),
    Statistic("update_norm", "parameter"),
    Statistic("update_ratio", "parameter"),
    Statistic("update_lost_fraction", "parameter"),
    Statistic("epsilon_dominated_fraction", "parameter"),
    Statistic("weight_decay_ratio", "parameter"),
    Statistic("nonfinite_count", "either"),
    Statistic("gradient_norm_total", "run"),
    Statistic("gradient_norm_unclipped", "run"),
    Statistic("gradient_norm_carried", "run"),
    Statistic("gradient_clip_factor", "run"),
    Statistic("gradient_scale", "run"),
    Statistic("backward_passes", "run"),
    Statistic("input_mean", "run"),
    Statistic("input_std", "run"),
    Statistic("output_mean", "run"),
    Statistic("output_std", "run"),
    Statistic("output_min", "run"),
    Statistic("output_max", "run"),
    Statistic("output_row_sum_error", "run"),
    Statistic("output_variation", "run"),
    Statistic("target_mean", "run"),
    Statistic("target_std", "run"),
    Statistic("prediction_correlation", "run"),
    Statistic("prediction_accuracy", "run"),
    Statistic("prediction_entropy", "run"),
    Statistic("prediction_majority_fraction", "run"),
    Statistic("rare_class_recall", "run"),
    Statistic("learning_rate", "run"),
    Statistic("step_seconds", "run", "s"),
    Statistic("overhead_fraction", "run"),
)
STATISTICS_BY_NAME = {statistic.name: statistic for statistic in STATISTICS}

HISTOGRAM_FAMILIES = ("activation", "gradient", "weight", "update")
"""`activation/<layer>`; the others are `<family>/<parameter>`."""

SYSTEM_PREFIX = "system/"
EVALUATION_PREFIX = "eval/"
METRIC_PREFIX = "metric/"

LOSS_KEYS = ("loss", "train_loss", "train/loss")
VALIDATION_LOSS_KEYS = ("val_loss", "val/loss")
CRITERION_LOSS_KEY = "criterion_loss"
"""The criterion's own output; the loss that is judged and shown where the user logs none."""


def series_key(statistic: str, owner: str) -> str:
    """The key of one statistic of one layer or parameter: `activation_std/conv1`."""
    return f"{statistic}/{owner}"


def split_key(key: str) -> tuple[str, str]:
    """The statistic and the owner of a series key; for a metric, `("", key)`.

    An `eval/` or `rank1/` prefix stays with the statistic: `eval/activation_std/conv1` gives
    `("eval/activation_std", "conv1")`.
    """
    rank, series = split_rank(key)
    if rank is not None:
        statistic, owner = split_key(series)
        return (rank_key(rank, statistic), owner) if statistic else ("", key)
    phase = EVALUATION_PREFIX if key.startswith(EVALUATION_PREFIX) else ""
    name, _, owner = key.removeprefix(EVALUATION_PREFIX).partition("/")
    return (phase + name, owner) if name in STATISTICS_BY_NAME else ("", key)


def kind_of(key: str) -> Kind:
    """What a numeric series is, told by its key alone."""
    if key.startswith(SYSTEM_PREFIX):
        return "system"
    return "statistic" if split_key(key)[0] else "metric"


def collides(metric: str) -> bool:
    """Whether a user's metric would be taken for a series of the SDK's own."""
    metric = split_rank(metric)[1]
    if metric.removeprefix(EVALUATION_PREFIX).partition("/")[0] in HISTOGRAM_FAMILIES and "/" in metric:
        return True
    return kind_of(metric) != "metric" or metric.startswith(METRIC_PREFIX) or metric == CRITERION_LOSS_KEY
