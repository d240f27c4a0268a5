"""What people get wrong when they call `watch`: they are told, and training goes on as if they had not."""

from collections.abc import Generator
from typing import Any

import pytest
import torch
from networks_small import batch, sgd, small
from scene import Loss, Proof, Scene, prove
from torch import nn

import trainvitals as tv
from trainvitals.transport.memory import MemoryTransport


class NotTorch:
    """An optimizer that is none of torch's."""

    def step(self) -> None: ...


class Faulty(nn.Module):
    """Every look at its parts goes wrong."""

    def named_modules(self, *arguments: Any, **options: Any) -> Any:
        raise RuntimeError("no modules today")


def trained(scene: Scene, watch: Any) -> Generator[Loss, None, None]:
    model = small()
    optimizer = sgd(model)
    scene.models.append(model)
    watch(scene.run, model, optimizer)
    for _ in range(2):
        x, y = batch()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        yield loss


def told(watch: Any, capsys: pytest.CaptureFixture[str]) -> tuple[Proof, str]:
    proof = prove(lambda scene: trained(scene, watch), dropped=["watch_argument"], terminal="warnings")
    return proof, capsys.readouterr().err


NOT_A_MODULE = {
    "list": lambda run, model, optimizer: run.watch([model], optimizer),
    "class": lambda run, model, optimizer: run.watch(nn.Linear, optimizer),
    "function": lambda run, model, optimizer: run.watch(model.forward, optimizer),
    "optimizer": lambda run, model, optimizer: run.watch(optimizer, model),
    "nothing": lambda run, model, optimizer: run.watch(None),
}


@pytest.mark.parametrize("kind", NOT_A_MODULE)
def test_a_model_that_is_no_module_is_refused_in_words(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    proof, said = told(NOT_A_MODULE[kind], capsys)
    assert "watch needs a torch.nn.Module" in said and "run.watch(model, optimizer)" in said
    assert set(proof.values("loss")) == {0, 1}


COMPANIONS = {
    "of another model": (lambda model, right: (sgd(small()), None), "moves none of the parameters"),
    "a list of optimizers": (lambda model, right: ([right], None), "takes one optimizer, not a list"),
    "a dictionary of optimizers": (lambda model, right: ({"all": right}, None), "takes one optimizer, not a dict"),
    "no optimizer of torch": (lambda model, right: (NotTorch(), None), "cannot hook a NotTorch"),
    "two optimizers": (lambda model, right: (right, sgd(small())), "a second optimizer is left aside"),
    "a function": (lambda model, right: (right, nn.functional.mse_loss), "mse_loss is a function and cannot be"),
    "the model again": (lambda model, right: (right, model), "the model as its criterion"),
    "a mapping beside an optimizer": (lambda model, right: (right, {"a": 1}), "beside its optimizer: a dict"),
    "text": (lambda model, right: (right, "mse"), "a str is left aside"),
}


@pytest.mark.parametrize("kind", COMPANIONS)
def test_a_companion_that_cannot_be_watched_is_left_aside_in_words(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make, message = COMPANIONS[kind]
    proof, said = told(lambda run, model, right: run.watch(model, *make(model, right)), capsys)
    assert message in said
    assert {"activation_std/first", "loss"} <= proof.series


OPTIONS = {
    "an unknown family": ({"log": "everything"}, "log='everything') is not known"),
    "a family in a list": ({"log": ["gradients"]}, "is not known"),
    "no frequency": ({"log_freq": 0}, "log_freq=0) is no whole number from 1"),
    "half a frequency": ({"log_freq": 0.5}, "log_freq=0.5) is no whole number from 1"),
    "a budget beyond all time": ({"budget": 5}, "budget=5) is no share of the training time from 0 to 1"),
    "no number": ({"budget": "2%"}, "budget='2%') is no share"),
    "a budget that is none": ({"budget": float("nan")}, "budget=nan) is no share"),
    "a pattern for nothing": ({"exclude": "nowhere.*"}, "no layer or parameter matches 'nowhere.*'"),
    "no pattern": ({"include": 3}, "include=3) is no list of texts"),
    "no name": ({"name": 7}, "name=7) is no text"),
}


@pytest.mark.parametrize("kind", OPTIONS)
def test_an_option_that_makes_no_sense_takes_its_default_in_words(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options, message = OPTIONS[kind]
    proof, said = told(lambda run, model, right: run.watch(model, right, **options), capsys)
    prefix = "7." if kind == "no name" else ""
    assert message in said
    assert set(proof.values(f"gradient_norm/{prefix}first.weight")) == {0, 1}


def test_patterns_that_leave_nothing_say_so_with_names_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    proof, said = told(lambda run, model, right: run.watch(model, right, include=["encoder.*", "head"]), capsys)
    assert "matches 'encoder.*', 'head': nothing of this model is captured" in said and "'first'" in said
    assert set(proof.values("learning_rate")) == {0, 1} and "gradient_norm_total" not in proof.series


def test_a_model_without_watched_layers_is_not_said_to_hide_them(
    run: tv.Run, settle: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    model = small()
    optimizer = sgd(model)
    run.watch(model, optimizer, include="nowhere.*")
    for _ in range(6):
        nn.functional.cross_entropy(model(batch()[0]), batch()[1]).backward()
        optimizer.step()
        settle()
    assert "no layer was seen" not in capsys.readouterr().err
    assert run.dropped == {"watch_argument": 1}


def test_a_model_watched_twice_is_watched_once(
    run: tv.Run, transport: MemoryTransport, capsys: pytest.CaptureFixture[str], settle: Any
) -> None:
    model, other = small(), small()
    optimizer = sgd(model)
    for _ in range(2):
        run.watch(model, optimizer)
        run.watch(other, name="other")
    assert capsys.readouterr().err.count("watched already") == 2
    for _ in range(2):
        x, y = batch()
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x) + other(x), y).backward()
        optimizer.step()
        settle()
    run.finish()
    assert set(transport.values("gradient_norm_total")) == {0, 1}
    last = [report.layers for report in transport.reports if report.layers is not None][-1]
    assert sorted(layer["name"] for layer in last) == sorted(
        ["first", "act", "last", "other.first", "other.act", "other.last"]
    )


def test_a_bad_second_call_leaves_the_first_watch_alone(run: tv.Run, transport: MemoryTransport) -> None:
    model = small()
    optimizer = sgd(model)
    run.watch(model, optimizer)
    run.watch("model", optimizer)
    nn.functional.cross_entropy(model(batch()[0]), batch()[1]).backward()
    optimizer.step()
    run.finish()
    assert set(transport.values("gradient_norm/first.weight")) == {0}


def test_a_model_that_cannot_be_read_does_not_end_the_training(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRAINVITALS_ON_FAULT", "count")
    run = tv.init(project="faulty", transport=MemoryTransport())
    run.watch(Faulty())
    run.log({"loss": torch.tensor(1.0)})
    run.finish()
    assert run.dropped == {"watch": 1} and "no modules today" in capsys.readouterr().err


def test_watching_after_the_end_says_so(transport: MemoryTransport, capsys: pytest.CaptureFixture[str]) -> None:
    run = tv.init(project="ended", transport=transport)
    run.finish()
    run.watch(small())
    assert "has finished" in capsys.readouterr().err
    assert run.dropped == {"watch_after_finish": 1}
