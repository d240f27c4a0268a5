"""`make pictures`: for each rule, the series that shows its symptom in a real run, for docs/rules.md."""

import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from trainvitals_server.diagnosis import Judge
from trainvitals_server.diagnosis.rule import declared_rules
from trainvitals_wire.records import WarningEntry
from trainvitals_wire.report import Report

from .case import Case, twin_of
from .line_chart import Chart, Line, Point
from .recording import ROOT, load, record, save
from .two_ranks import SCENARIO, train_two_ranks

FOLDER = ROOT / "docs" / "pictures"
SILENT = "The rule says nothing of this run."
SICK, WELL = "#d55e00", "#8b97a8"
CHANCE = "chance"


@dataclass(frozen=True)
class Picture:
    """A fault of the sick bay, the training it is planted in, a series, and thresholds of the rule (or `CHANCE`)."""

    fault: str
    trained: str
    series: str
    levels: tuple[str, ...] = ()


PICTURES: Mapping[str, Picture] = {
    "activation_mean": Picture("large_tanh_biases", "mlp digits", "activation_mean/1"),
    "activation_std": Picture("deep_plain_network", "mlp digits", "activation_std/10", ("low", "high")),
    "adam_epsilon": Picture("adam_epsilon_of_one", "mlp digits", "epsilon_dominated_fraction/1.weight", ("share",)),
    "capacity_too_small": Picture("one_hidden_unit", "mlp digits", "loss", (CHANCE,)),
    "class_imbalance": Picture("rare_class", "cnn even", "rare_class_recall", ("missed",)),
    "clipping_always_on": Picture("clipped_to_nothing", "mlp digits", "gradient_clip_factor", ("factor",)),
    "constant_input": Picture("copies_of_one_sample", "mlp digits", "output_variation"),
    "dead_units": Picture("dead_rectifiers", "mlp digits", "dead_unit_fraction/2", ("share",)),
    "degradation_with_depth": Picture("deep_plain_network", "mlp digits", "loss", (CHANCE,)),
    "exploding_gradient": Picture("rate_raised_midway", "transformer digits", "gradient_norm_total"),
    "frozen_parameters": Picture("body_detached", "mlp digits", "update_norm/1.weight"),
    "initialisation": Picture("huge_weights", "mlp digits", "weight_std/1.weight"),
    "input_ignored": Picture("head_sees_no_input", "mlp digits", "output_variation"),
    "input_not_normalised": Picture("pixels_0_to_255", "mlp digits", "input_std"),
    "labels_unrelated_to_inputs": Picture("random_labels", "mlp digits", "loss", (CHANCE,)),
    "learning_rate": Picture("learning_rate_too_high", "mlp digits", "update_ratio/1.weight", ("high",)),
    "learning_rate_schedule": Picture("rate_decays_each_batch", "mlp digits", "learning_rate"),
    "loss_at_init": Picture("confident_head", "mlp digits", "loss", (CHANCE,)),
    "loss_output_mismatch": Picture("softmax_before_cross_entropy", "mlp digits", "output_row_sum_error"),
    "loss_reduction": Picture("loss_summed", "mlp digits", "loss", (CHANCE,)),
    "loss_scale": Picture("penalty_drowns_loss", "mlp digits", "criterion_loss", (CHANCE,)),
    "loss_sign": Picture("loss_negated", "mlp digits", "loss"),
    "loss_spike": Picture("rare_class", "cnn even", "loss"),
    "missing_nonlinearity": Picture("no_activation", "mlp even", "loss", (CHANCE,)),
    "missing_zero_grad": Picture("zero_grad_missing", "mlp digits", "gradient_norm_carried"),
    "no_progress": Picture("clipped_to_nothing", "mlp digits", "loss", (CHANCE,)),
    "noisy_gradient": Picture("batch_of_one", "mlp digits", "loss"),
    "non_finite": Picture("layer_that_multiplies", "cnn digits", "loss"),
    "non_finite_input": Picture("infinite_input", "mlp wine", "nonfinite_count/1"),
    "normalisation_order": Picture("dropout_before_batch_norm", "mlp digits", "eval/activation_std/4"),
    "oscillating": Picture("momentum_too_high", "mlp digits", "loss", (CHANCE,)),
    "over_regularised": Picture("weight_decay_of_ten", "mlp digits", "weight_norm/1.weight"),
    "overfitting": Picture("noise_learned_by_heart", "mlp digits", "val_loss"),
    "precision_underflow": Picture("bfloat16_weights", "mlp digits", "update_lost_fraction/1.weight"),
    "rank_divergence": Picture(SCENARIO, "two ranks", "weight_norm/0.weight"),
    "repeated_batch": Picture("same_batch_every_time", "mlp digits", "val_loss"),
    "saturated_units": Picture("steep_sigmoids", "mlp digits", "activation_saturated_fraction/2.1"),
    "shape_broadcast": Picture("column_against_row", "mlp diabetes", "output_std"),
    "single_label_batches": Picture("sorted_labels", "mlp digits", "loss", (CHANCE,)),
    "stale_batch_norm": Picture("running_statistics_too_slow", "mlp digits", "eval/activation_std/2"),
    "target_not_scaled": Picture("target_in_thousands", "mlp diabetes", "target_std"),
    "train_eval_mode": Picture("eval_forgotten", "mlp digits", "val_loss"),
    "unshuffled_data": Picture("sorted_targets", "cnn ink", "target_mean"),
    "update_ratio": Picture("rate_raised_midway", "mlp digits", "update_ratio/1.weight", ("low", "high")),
    "vanishing_gradient": Picture("sigmoid_stack", "mlp digits", "gradient_norm/1.weight"),
    "weight_shape": Picture("optimizer_maximizes", "cnn digits", "weight_std/11.weight"),
    "weights_diverge": Picture("penalty_of_the_wrong_sign", "mlp digits", "weight_norm/5.weight"),
}


def main() -> None:
    """Draw all of them, or those of the rules that are named."""
    FOLDER.mkdir(exist_ok=True)
    for rule in sys.argv[1:] or PICTURES:
        (FOLDER / f"{rule}.svg").write_text(chart(rule, PICTURES[rule]).svg(), encoding="utf-8")


def chart(rule: str, picture: Picture) -> Chart:
    """The sick series, in grey that of the same training without the fault, and where it began."""
    if picture.trained == "two ranks":
        return of_two_ranks(picture.series)
    case = Case("sick", picture.fault, picture.trained, 0)
    reports = recorded(case)
    judge = Judge()
    for report in reports:
        judge.add(report)
    found = warning_of(judge, rule)
    lines = [
        Line("without the fault", points(recorded(twin_of(case)), picture.series), WELL),
        Line(picture.fault.replace("_", " "), points(reports, picture.series), SICK),
    ]
    return Chart(
        title=picture.series,
        words=found["summary"] if found else SILENT,
        lines=[line for line in lines if line.points],
        onset=found["first_step"] if found else None,
        levels=list(levels(judge, rule, picture)),
    )


def recorded(case: Case) -> list[Report]:
    """The reports of a training of the sick bay, which is trained where it is not recorded."""
    if (kept := load(case)) is None:
        save(case, *record(case))
        kept = load(case)
    assert kept is not None
    return kept[1]


def warning_of(judge: Judge, rule: str) -> WarningEntry | None:
    """The rule's first warning or note."""
    return next((entry for entry in judge.evaluate()["warnings"] if entry["rule"] == rule), None)


def points(reports: list[Report], key: str) -> list[Point]:
    """A series as it came."""
    found = dict[float, float]()
    for report in reports:
        for frame in report.frames:
            if key in frame.keys:
                values = frame.values[:, frame.keys.index(key)]
                found |= dict(zip(frame.steps.tolist(), values.tolist(), strict=True))
    return sorted((step, value) for step, value in found.items() if not math.isnan(value))


def levels(judge: Judge, rule: str, picture: Picture) -> Iterator[tuple[str, float]]:
    """What the series is held against."""
    (declared,) = [one.rule for one in declared_rules() if one.name == rule]
    for name in picture.levels:
        value = judge.signals.loss.chance if name == CHANCE else declared.thresholds[name].value
        if value is not None:
            yield name, value


def of_two_ranks(key: str) -> Chart:
    """Both ranks, each in a colour."""
    series, warnings = train_two_ranks(key)
    (found,) = [entry for entry in warnings if entry["rule"] == "rank_divergence"]
    lines = [
        Line(f"rank {rank}", list(zip(one["steps"], one["last"], strict=True)), colour)
        for rank, (one, colour) in enumerate(zip(series, (WELL, SICK), strict=True))
    ]
    return Chart(key, found["summary"], lines, found["first_step"])


if __name__ == "__main__":
    main()
