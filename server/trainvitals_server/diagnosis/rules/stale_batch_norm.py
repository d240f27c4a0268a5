"""Stale batch-norm statistics: what a batch norm has learned of its input is not what it meets in evaluation."""

from collections.abc import Iterator

import numpy as np

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_wire.names import EVALUATION_PREFIX
from trainvitals_wire.records import Layer

RULE = Rule(
    title="Batch-norm statistics are stale",
    shows="The std of a batch norm's output in evaluation, where it uses its running statistics, beside that in "
    "training, where it uses the batch; and how much of the running statistics is still that of their start.",
    matters="Running statistics that lag behind, or belong to other data, scale every activation after the norm "
    "wrongly: the network that is evaluated is not the one that was trained.",
    todo="Raise the norm's momentum, train in training mode until the statistics have settled, or compute them anew "
    "from the training data; with tiny batches use group norm.",
    source="Ioffe and Szegedy 2015; Wu and Johnson 2021, Rethinking 'Batch' in BatchNorm",
    thresholds={
        "shift": Threshold(
            2.0, "a factor between the stds; dropout before the norm shifts them by less (Li et al. 2019)"
        ),
        "samples": Threshold(10, "last samples of training that tell the usual std"),
        "evaluations": Threshold(3, "last samples of evaluation: one may come before the first batches"),
        "start_left": Threshold(
            0.5, "so much of the running statistics is still the mean 0 and variance 1 of their start"
        ),
        "batches": Threshold(50, "at PyTorch's default momentum nothing is left of the start after so many"),
        "suffers": Threshold(1.5, "a validation loss so many times the training loss, as diverged_factor"),
    },
    needs=("layers", "activation_std"),
    scope="layer",
    after_warm_up=True,
)


def unmeasured(signals: Signals) -> str | None:
    """Where there are batch norms but nothing was seen of them in evaluation."""
    if _norms(signals) and not signals.owners(f"{EVALUATION_PREFIX}activation_std"):
        return "evaluate the model that is watched"
    return None


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding, on the first batch norm in forward order."""
    if (left := _share_of_start(signals, thresholds)) is not None and left > thresholds["start_left"]:
        yield _unsettled(signals, left, thresholds)
        return
    for layer in _norms(signals):
        times = _shift(signals, layer["name"], thresholds)
        if times is not None and not 1 / thresholds["shift"] < times < thresholds["shift"]:
            yield _finding(signals, layer["name"], times, thresholds)
            return


def _norms(signals: Signals) -> list[Layer]:
    """The batch norms; one that follows a dropout is shifted by that, which is another rule's business."""
    layers = signals.network.layers
    return [
        layer
        for place, layer in enumerate(layers)
        if layer["type"].startswith(("BatchNorm", "SyncBatchNorm"))
        and "Dropout" not in layers[max(0, place - 1)]["type"]
    ]


def _shift(signals: Signals, layer: str, thresholds: Thresholds) -> float | None:
    """The std in evaluation over that in training, the nearest to 1 of the last evaluations."""
    training = signals.of("activation_std", layer).finite().last(int(thresholds["samples"])).values
    evaluation = signals.of(f"{EVALUATION_PREFIX}activation_std", layer).finite()
    last = evaluation.last(int(thresholds["evaluations"])).values
    if len(last) < thresholds["evaluations"] or not len(training) or not np.median(training) > 0:
        return None
    times = np.maximum(last, 1e-12) / np.median(training) / _shift_before(signals, layer, thresholds)
    return float(times[np.argmin(np.abs(np.log(times)))])


def _shift_before(signals: Signals, layer: str, thresholds: Thresholds) -> float:
    """The same of the layer before: other data in evaluation is no doing of the norm. 1 where it is not known."""
    place = signals.network.place(layer)
    if place == 0:
        return 1.0
    before = signals.network.layers[place - 1]["name"]
    training = signals.of("activation_std", before).finite().last(int(thresholds["samples"])).values
    evaluation = signals.of(f"{EVALUATION_PREFIX}activation_std", before).finite()
    late = evaluation.last(int(thresholds["evaluations"])).values
    known = len(training) and len(late) and np.median(training) > 0 and np.median(late) > 0
    return float(np.median(late) / np.median(training)) if known else 1.0


def _share_of_start(signals: Signals, thresholds: Thresholds) -> float | None:
    """How much of the running statistics is what they began with: (1 - momentum) to the number of batches seen."""
    modes = [fact for fact in signals.facts("modes") if not fact.get("owner")]
    evaluated = [fact for fact in modes if fact["details"].get("phase") == "evaluation"]
    known = [fact for fact in modes if fact["details"].get("batch_norm_momentum") is not None]
    if not known or not evaluated or evaluated[-1]["details"].get("batch_norm_training"):
        return None
    first, momentum = known[0], float(known[0]["details"]["batch_norm_momentum"])
    trained = signals.step - first["step"]
    if trained < thresholds["batches"] or not 0 <= momentum < 1 or not first["details"].get("batch_norm_training"):
        return None
    return float((1 - momentum) ** (first["details"].get("batch_norm_batches", 0) + trained))


def _unsettled(signals: Signals, left: float, thresholds: Thresholds) -> Finding:
    momentum = next(
        f["details"]["batch_norm_momentum"] for f in signals.facts("modes") if "batch_norm_momentum" in f["details"]
    )
    suffers = _suffers(signals, thresholds)
    why = (
        f"{left:.0%} of the running statistics are still those of their start: with a momentum of {momentum:.2g} they "
        f"hardly move{suffers or ''}"
    )
    layer = _norms(signals)[0]["name"] if _norms(signals) else None
    return Finding(
        layer=layer,
        first_step=0,
        last_step=signals.step,
        value=left,
        threshold=f"below {thresholds['start_left']:.0%}",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("train_eval_mode", why, 0),),
        remedy="Raise the momentum of the batch norms (0.1 is the default; other libraries write 0.9 for the same).",
        expect="Loss and activation std in evaluation come close to those in training.",
        worst="warning" if suffers else "note",
        by_definition=suffers is not None,
    )


def _finding(signals: Signals, layer: str, times: float, thresholds: Thresholds) -> Finding:
    key = f"{EVALUATION_PREFIX}activation_std/{layer}"
    first = int(signals.history(key).steps[0])
    suffers = _suffers(signals, thresholds)
    why = f"the output of {layer} has {times:.2g} times the std in evaluation that it has in training{suffers or ''}"
    return Finding(
        layer=layer,
        series=key,
        first_step=first,
        last_step=signals.step,
        value=times,
        threshold=f"a std in evaluation within a factor of {thresholds['shift']:g} of training",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("train_eval_mode", why, first),),
        remedy=f"Raise the momentum of {layer} (0.1 is the default), or compute its running statistics anew "
        "(reset_running_stats, then batches in training mode).",
        expect="Loss and activation std in evaluation come close to those in training.",
        worst="warning" if suffers else "note",
        by_definition=suffers is not None,
    )


def _suffers(signals: Signals, thresholds: Thresholds) -> str | None:
    """How far the validation loss lies above that of training, where that is far."""
    rounds, batches, factor = int(thresholds["evaluations"]), int(thresholds["batches"]), thresholds["suffers"]
    validation, training = (
        signals.validation_loss.finite().last(rounds).values,
        signals.loss.finite.last(batches).values,
    )
    if len(validation) < rounds or not len(training):
        return None
    high, usual = float(np.median(validation)), float(np.median(training))
    if usual <= 0 or high < factor * usual:
        return None
    return f", and the validation loss is {high:.3g} beside {usual:.3g} in training"
