"""What the size of the updates says the learning rate should be multiplied by."""

import pytest

from trainvitals_server.diagnosis.policy import POLICY_DEFAULTS
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.updates import rate_advice


@pytest.mark.parametrize(
    ("ratio", "advice"),
    [
        (
            1e-6,
            "Multiply the learning rate by 30, and again until updates are about 0.001 of the weights; "
            "or run a learning-rate search.",
        ),
        (5e-5, "Multiply the learning rate by 20."),
        (4e-4, "Multiply the learning rate by 2.5."),
        (5e-3, "Divide the learning rate by 5."),
        (10.0, "Divide the learning rate by 30."),
    ],
)
def test_a_rate_is_changed_by_thirty_at_most_and_raised_again_where_needed(ratio: float, advice: str) -> None:
    assert rate_advice(Signals(POLICY_DEFAULTS), ratio) == advice
