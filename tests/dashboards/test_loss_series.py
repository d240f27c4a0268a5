"""Which series of a run are shown as its losses."""

import pytest

from trainvitals_dashboards.loss_series import last_loss, training_loss, validation_loss

STATISTICS = ("gradient_norm/fc.weight", "activation_std/fc", "learning_rate", "overhead_fraction")


@pytest.mark.parametrize(
    ("logged", "training", "validation"),
    [
        (("train_loss", "loss", "val_loss"), "loss", "val_loss"),
        (("Loss/train", "Loss/test"), "Loss/train", "Loss/test"),
        (("criterion_loss", "accuracy"), "criterion_loss", None),
        (("criterion_loss", "total_loss"), "total_loss", None),
        (("nll", "accuracy"), "nll", None),
        (("d_loss", "g_loss"), None, None),
        (("accuracy",), None, None),
    ],
)
def test_a_loss_is_known_by_what_people_call_it(logged, training, validation) -> None:
    keys = {*logged, *STATISTICS}
    assert (training_loss(keys), validation_loss(keys)) == (training, validation)


def test_the_last_loss_of_a_summary_is_a_number_or_nothing() -> None:
    assert last_loss({"total_loss": {"last": 0.5}}) == 0.5
    assert last_loss({"total_loss": "mine"}) is None
    assert last_loss({"accuracy": {"last": 0.5}}) is None
