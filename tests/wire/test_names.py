"""Series keys split into what they were built from, and a metric cannot pass for a statistic."""

import pytest

from trainvitals_wire.names import collides, kind_of, series_key, split_key


def test_a_key_splits_into_its_parts() -> None:
    assert split_key(series_key("activation_std", "blocks.3.mlp")) == ("activation_std", "blocks.3.mlp")
    assert split_key("eval/activation_std/conv1") == ("eval/activation_std", "conv1")
    assert split_key("learning_rate") == ("learning_rate", "")
    assert split_key("val/loss") == ("", "val/loss")


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("loss", "metric"),
        ("gradient_norm/a.weight", "statistic"),
        ("learning_rate/group1", "statistic"),
        ("system/memory", "system"),
        ("eval/activation_std/a", "statistic"),
        ("eval/loss", "metric"),
    ],
)
def test_the_key_tells_the_kind(key: str, kind: str) -> None:
    assert kind_of(key) == kind


@pytest.mark.parametrize("name", ["learning_rate", "gradient_norm/a", "system/cpu", "metric/x", "step_seconds"])
def test_metrics_that_would_collide_are_seen(name: str) -> None:
    assert collides(name)
    assert not collides("my/" + name)
