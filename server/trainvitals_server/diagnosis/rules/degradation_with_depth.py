"""Degradation with depth: a deep plain network that learns nothing, because hardly any signal passes its depth."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from trainvitals_server.diagnosis.feed import last_told
from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.gradients import depth_profile
from trainvitals_server.diagnosis.history import EMPTY
from trainvitals_server.diagnosis.rule import Rule, Threshold, Thresholds
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.squashing import squashed

RULE = Rule(
    title="Degradation with depth",
    shows="The gradient of the first layer beside that of the last ones before the first update, and how much the "
    "outputs differ between samples, in a deep network of plain rectified layers without norms between; or so many of "
    "them, with norms or without, that depth alone is a reason for a loss that stops far from learned. Of attention "
    "that nothing skips a few layers are enough.",
    matters="Each plain layer passes on less of the differences between samples, and less gradient: a deep plain "
    "network trains worse than a shallow one, even on the data it has seen.",
    todo="Add residual connections, with normalisation layers in their branches, or take away layers.",
    source="He et al. 2016, Deep residual learning; Balduzzi et al. 2017, The shattered gradients problem; Yang et al. "
    "2019, A Mean Field Theory of Batch Normalization; Dong et al. 2021, Attention is not all you need",
    thresholds={
        "layers": Threshold(10, "plain networks of ten layers and less are trained with care (VGG-11; He et al. 2016)"),
        "first_to_last": Threshold(
            1e-2, "ten times that of vanishing_gradient: the network has no norm to help itself"
        ),
        "variation": Threshold(1e-2, "outputs that differ by less than 1 % between samples: all are alike"),
        "deep": Threshold(
            30,
            "the deepest plain network that careful initialisation was shown to train (He et al. 2015, section 2.2), "
            "and beyond MobileNet's 28 with norms; of 32 and more plain ones degrade (He et al. 2016)",
        ),
        "many": Threshold(
            20,
            "the plain network of 20 layers still trains, that of 34 degrades (He et al. 2016): from here on it is "
            "told where the gradient has grown, and learning is slow",
        ),
        "growth": Threshold(
            10.0,
            "first to last: where nothing skips them batch norms and rectifiers multiply the gradient by 1.2 a layer, "
            "45 in 20 (Yang et al. 2019); with skips it grows with the root of the depth",
        ),
        "attention": Threshold(
            6,
            "as deep as the first transformer, whose every layer is skipped (Vaswani et al. 2017); without skips "
            "attention makes tokens alike doubly exponentially with depth (Dong et al. 2021)",
        ),
        "left": Threshold(0.25, "share of the loss above which depth alone is told: what learns so far learns well"),
    },
    needs=("layers", "gradient_norm"),
)


def findings(signals: Signals, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding; it is no more than a note while the network learns."""
    if (attention := _bare_attention(signals)) >= thresholds["attention"]:
        yield _of_attention(signals, attention, thresholds)
        return
    network, weights = signals.network, signals.network.weights
    unskipped, grown = signals.once(_nothing_skips), _grown(signals, thresholds)
    row = _plain_layers(signals, thresholds["deep" if grown is None else "many"])
    # A norm at the end helps no layer before it, but one of a residual network may stand there too.
    if row < thresholds["layers"] or network.recurrent or (network.normalised and not unskipped):
        return
    # What squashes lets the gradient fade by itself: that is vanishing_gradient's to tell.
    if network.squashes or signals.once(squashed):
        return
    signs = grown or _signs(signals, thresholds)
    # Of a loss that learned something and stopped the depth alone is a reason; at chance it is one of many.
    if not signs.words and (row < thresholds["deep"] or not unskipped or signals.loss.harm is not None):
        return
    # Deeper than anybody has trained such a network well: it may learn, and would learn more with a part of its layers.
    left = signals.loss.share_left
    young = network.normalised and signals.warming_up
    alone = not signs.words or (grown is not None and row >= thresholds["deep"])
    far = alone and (left is None or left >= thresholds["left"])
    certain = not young and (far or (grown is not None and _slow(signals)))
    told = f"; {signs.words}" if signs.words else ", and nothing skips any of them"
    why = f"{row} plain layers lie in a row, {_between(row, network.longest_row)}{told}"
    yield Finding(
        layer=weights[0].layer,
        series=f"gradient_norm/{weights[0].name}",
        first_step=0,
        last_step=signals.step,
        value=signs.value if signs.value is not None else float(row),
        threshold=_asked(grown is not None, thresholds),
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("degradation_with_depth", why, 0),),
        remedy="Add residual connections with normalisation layers in their branches, or take away layers.",
        expect="The gradients of all layers come within a factor of 100 of each other from the first step.",
        worst="warning" if certain else "critical",
        by_definition=certain,
        blocking=True,
    )


def _bare_attention(signals: Signals) -> int:
    """How many layers of attention there are, where no two paths join anywhere."""
    layers = [weight for weight in signals.network.weights if "Attention" in weight.layer_type]
    return len(layers) if signals.once(_nothing_skips) else 0


def _of_attention(signals: Signals, layers: int, thresholds: Thresholds) -> Finding:
    """Norms between do not help: each attention averages tokens, and nothing brings back what told them apart."""
    first = next(weight for weight in signals.network.weights if "Attention" in weight.layer_type)
    certain = not signals.warming_up and _slow(signals)
    why = f"{layers} layers of attention follow each other, and nothing skips any of them"
    return Finding(
        layer=first.layer,
        series=f"gradient_norm/{first.name}",
        first_step=0,
        last_step=signals.step,
        value=float(layers),
        threshold=f"fewer than {thresholds['attention']:g} layers of attention that nothing skips",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("degradation_with_depth", why, 0),),
        remedy="Add residual connections around each attention and each feed-forward part, or take away layers.",
        expect="The loss falls on where it stood still.",
        worst="warning" if certain else "critical",
        by_definition=certain,
        blocking=True,
    )


def _asked(grown: bool, thresholds: Thresholds) -> str:
    if grown:
        return f"fewer than {thresholds['many']:g} plain layers, or first to last below {thresholds['growth']:g}"
    return f"fewer than {thresholds['layers']:g} plain layers, or first to last above {thresholds['first_to_last']:g}"


def _plain_layers(signals: Signals, deep: float) -> int:
    """How many weighty layers follow each other with nothing that helps: norms do not, where so many of them lie.

    With batch norms a plain network of 32 layers is worse than one of 20, also in training (He et al. 2016).
    """
    row, weights = signals.network.longest_row, len(signals.network.weights)
    plain = signals.network.normalised and signals.once(_nothing_skips)
    return max(row, weights) if plain and weights >= deep else row


def _between(row: int, without_norm: int) -> str:
    return "without norm between" if row == without_norm else "with norms and no skip between"


class Signs(NamedTuple):
    """What shows that hardly any signal passes, in words, and the number that does; empty where it passes."""

    words: str = ""
    value: float | None = None


def _signs(signals: Signals, thresholds: Thresholds) -> Signs:
    profile = signals.once(depth_profile)
    ratio = profile.first_to_last().first(1) if profile is not None else EMPTY
    # What is exactly zero did not fade: a layer without a living unit cuts it off.
    weak = len(ratio) > 0 and ratio.steps[0] == 0 and 0 < ratio.values[0] < thresholds["first_to_last"]
    alike, when = _alike(signals, thresholds), "before the first update"
    if not weak and alike is None and (found := _soon_alike(signals, thresholds)) is not None:
        step, alike = found
        when = f"at step {step}"
    signs = []
    if weak:
        first = signals.network.weights[0].layer
        signs.append(f"the gradient of {first} is {ratio.values[0]:.1g} of that of the last layers")
    if alike is not None:
        signs.append(f"its outputs differ by {alike:.1g} of their size between samples")
    return Signs(f"{when} {' and '.join(signs)}", float(ratio.values[0]) if weak else alike) if signs else Signs()


def _grown(signals: Signals, thresholds: Thresholds) -> Signs | None:
    """By how much norms multiply the gradient on its way back through many layers before the first update.

    Each keeps what passes at one size and so hides that layer by layer less of it tells samples apart.
    """
    network = signals.network
    if not network.normalised or len(network.weights) < thresholds["many"] or not signals.once(_nothing_skips):
        return None
    profile = signals.once(depth_profile)
    growth = profile.growth().first(1) if profile is not None else EMPTY
    if not len(growth) or growth.steps[0] > 0 or growth.values[0] < thresholds["growth"]:
        return None
    first, last = network.weights[0].layer, network.weights[-1].layer
    times = float(growth.values[0])
    return Signs(f"before the first update the gradient of {first} is {times:.2g} times that of {last}", times)


def _slow(signals: Signals) -> bool:
    """Whether more than half of the loss is left where the run is over, or will be for long."""
    loss = signals.loss
    if loss.game or loss.share_left is None or loss.share_left < loss.thresholds["stalled_share"]:
        return False
    return signals.ended or loss.crawls or loss.stall is not None


def _nothing_skips(signals: Signals) -> bool:
    """Whether no two paths join anywhere, as far as that is known."""
    return last_told(signals, "wiring").get("joins") == 0


def _soon_alike(signals: Signals, thresholds: Thresholds) -> tuple[int, float] | None:
    """Step and variation where the first updates made the outputs of a very deep network, that nothing skips, alike.

    Norms hold that up for a while.
    """
    if _plain_layers(signals, thresholds["deep"]) < thresholds["deep"] or not signals.once(_nothing_skips):
        return None
    longer = signals.thresholds["loss"]["settling"] if signals.network.normalised else 1
    soon = signals.history("output_variation").between(0, int(longer * signals.warm_up_steps)).finite()
    found = np.flatnonzero((soon.values > 0) & (soon.values < thresholds["variation"]))
    return (int(soon.steps[found[0]]), float(soon.values[found[0]])) if len(found) else None


def _alike(signals: Signals, thresholds: Thresholds) -> float | None:
    """How much the first outputs differ between samples, where that is hardly at all."""
    first = signals.history("output_variation").finite().first(3).values
    return float(np.median(first)) if len(first) and 0 < np.median(first) < thresholds["variation"] else None
