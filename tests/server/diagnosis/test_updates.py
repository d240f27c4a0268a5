"""What the size of the updates says the learning rate should be multiplied by."""

import pytest

from trainvitals_server.diagnosis.policy import POLICY_DEFAULTS
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.updates import rate_advice


@pytest.mark.parametrize(
    ("ratio", "advice"),
    [
        (1e-6, "Multiply the learning rate by 1,000."),
        (4e-4, "Multiply the learning rate by 2.5."),
        (1e-30, "Multiply the learning rate by 100,000."),
        (5e-3, "Divide the learning rate by 5."),
        (10.0, "Divide the learning rate by 30."),
    ],
)
def test_a_rate_is_raised_as_far_as_the_ratio_says_and_lowered_by_thirty_at_most(ratio: float, advice: str) -> None:
    assert rate_advice(Signals(POLICY_DEFAULTS), ratio) == advice
