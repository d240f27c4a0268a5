"""Which metrics are a training loss, and which a validation loss, by what people call them."""

import re

VALIDATION_WORDS = frozenset(
    {"val", "valid", "validation", "test", "testing", "eval", "evaluation", "dev", "holdout", "heldout"}
)
WHOLE_WORDS = frozenset(
    {"train", "training", "total", "overall", "full", "batch", "minibatch", "step", "iter", "iteration", "epoch"}
    | {"running", "avg", "average", "mean", "smoothed", "smooth", "ema", "objective", "final"}
)
"""Beside "loss" they say that it is the whole of what is minimised; any other word may name a term of it."""
REWARD_WORDS = frozenset({"reward", "rewards", "return", "returns"})
BOOTSTRAP_WORDS = frozenset({"td", "bellman"})
"""The error against a target that the network helps to make: it says how far apart they are, not how well it goes."""
LOSS_WORDS = frozenset({"loss", "losses", "objective", "cost"})
CRITERION_WORDS = frozenset(
    {"nll", "bce", "ce", "xent", "crossentropy", "mse", "huber", "hinge", "ctc", "nce", "triplet", "nelbo"}
)
"""What is minimised under its own name. Nobody logs them for anything else; of MAE or an entropy that is not sure."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def words(key: str) -> frozenset[str]:
    """`Loss/train_CE` -> loss, train, ce."""
    return frozenset(word.lower() for word in _WORD.findall(key))


def is_whole_training_loss(key: str) -> bool:
    """`Loss/train`, `total_loss`, `batch_loss`: the whole loss of training, whatever it is made of."""
    found = words(key)
    return bool(found & LOSS_WORDS) and found <= LOSS_WORDS | WHOLE_WORDS


def is_training_loss(key: str) -> bool:
    """Also `ce_loss`, `loss_recon`: a loss of training, which may be a term of a larger one."""
    found = words(key)
    return bool(found & LOSS_WORDS) and not found & VALIDATION_WORDS


def criteria(key: str) -> frozenset[str]:
    """The criteria that a name holds: `val_nll` -> nll, `cross_entropy` -> crossentropy."""
    found = words(key)
    joined = {"crossentropy"} if {"cross", "entropy"} <= found else frozenset[str]()
    return found & CRITERION_WORDS | joined


def is_criterion(key: str) -> bool:
    """`nll`, `train/bce`, `poisson_nll`, `cross_entropy`: a loss of training under the name of its criterion."""
    return bool(criteria(key)) and not words(key) & VALIDATION_WORDS


def is_reward(key: str) -> bool:
    """`episode_reward`, `mean_return`: what an agent gets, who makes the data that its loss is of."""
    return bool(words(key) & REWARD_WORDS) and not words(key) & LOSS_WORDS


def is_bootstrapped(key: str) -> bool:
    """`td`, `td_error`, `train/bellman`: the error against a target made of the network's own output."""
    return bool(words(key) & BOOTSTRAP_WORDS) and not words(key) & VALIDATION_WORDS


def is_validation_loss(key: str) -> bool:
    """`valid_loss`, `Loss/test`, `eval/total_loss`."""
    found = words(key)
    return bool(found & LOSS_WORDS) and bool(found & VALIDATION_WORDS)
