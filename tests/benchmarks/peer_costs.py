"""What the same detail at the same cadence costs by the tools that people use: a peer is a file in `peers/`."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module, util
from pathlib import Path
from types import ModuleType

from pairs import Estimate, interleaved, median_extra, median_ratio
from reference import Reference, Trainer
from steady_state import SteadyState

GOAL = 10.0
"""Ours is to be so many times cheaper per captured statistic."""


@dataclass
class PeerCost:
    """`extra`: seconds per captured statistic; `times`: that of the peer over ours, None where ours drowns in noise."""

    name: str
    ratio: Estimate
    extra: float
    times: float | None
    captured_each_step: float

    def __str__(self) -> str:
        verdict = "ours is not told from noise"
        if self.times is not None:
            verdict = f"{self.times:.1f} x ours, goal {GOAL:.0f} {'met' if self.times >= GOAL else 'MISSED'}"
        return (
            f"{self.name:12} with / bare {self.ratio}; {self.captured_each_step:.1f} statistics a step, "
            f"{self.extra * 1e6:.2f} us each: {verdict}"
        )


def peers() -> dict[str, ModuleType]:
    """The modules of `peers/`, by the package that each needs."""
    files = sorted((Path(__file__).parent / "peers").glob("*.py"))
    modules = [import_module(f"peers.{file.stem}") for file in files]
    return {module.PACKAGE: module for module in modules}


def missing() -> list[str]:
    """Peers that are not installed."""
    return [package for package in peers() if util.find_spec(package) is None]


def peer_cost(package: str, reference: Reference, device: str, folder: Path, ours: SteadyState, pairs: int) -> PeerCost:
    """Bare and followed blocks in turn, at the intervals that our run had come to."""
    peer = peers()[package].Peer(folder / package, ours.capture["interval"], ours.capture["deep_interval"])
    bare, followed = Trainer(reference, device), Trainer(reference, device, peer)
    steps = ours.block_steps
    bare.block(steps)
    followed.block(steps)
    before = peer.detail.captured
    seconds = interleaved([_settled(peer.settle, bare, steps), _settled(peer.settle, followed, steps)], pairs)
    captured = (peer.detail.captured - before) / (pairs * steps)
    peer.close()
    extra = median_extra(seconds[:, 0], seconds[:, 1]).middle / (captured * steps)
    ratio = median_ratio(seconds[:, 0], seconds[:, 1])
    # The upper end where the middle says less than nothing: then ours costs at most that.
    own = ours.extra.middle if ours.extra.middle > 0 else ours.extra.high
    return PeerCost(package, ratio, extra, extra / own if own > 0 else None, captured)


def _settled(settle: Callable[[], None], trainer: Trainer, steps: int) -> Callable[[], float]:
    def block() -> float:
        settle()
        return trainer.block(steps)

    return block
