"""The life of a warning."""

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.life import Found, Key, LivingWarning, advance
from trainvitals_wire.records import Severity

OLD: dict[Key, LivingWarning] = {}


def found(first_step: int, severity: Severity = "warning", hold_steps: int = 0, keep_steps: int = 50) -> Found:
    cause = Cause("dead_units", "because", first_step)
    finding = Finding(first_step, first_step, "summary", "remedy", "expect", (cause,), layer="fc")
    return Found("dead_units", finding, severity, hold_steps, keep_steps)


def only(living: dict[Key, LivingWarning]) -> LivingWarning:
    (warning,) = living.values()
    return warning


def test_a_finding_is_pending_until_it_has_lasted_and_then_fires() -> None:
    pending = advance(OLD, [found(10, hold_steps=20)], 15)
    assert only(pending).state == "pending"
    assert only(advance(pending, [found(10, hold_steps=20)], 30)).state == "firing"


def test_a_pending_finding_that_goes_is_forgotten() -> None:
    assert advance(advance(OLD, [found(10, hold_steps=20)], 15), [], 16) == {}


def test_a_firing_warning_outlives_a_short_gap_and_is_resolved_after_a_long_one() -> None:
    firing = advance(OLD, [found(10)], 20)
    gap = advance(firing, [], 60)
    assert only(gap).state == "firing"
    assert only(advance(gap, [], 70)).state == "resolved"


def test_the_onset_and_the_worst_severity_stay_while_it_fires() -> None:
    firing = advance(OLD, [found(10, "critical")], 20)
    later = only(advance(firing, [found(30, "note")], 40))
    assert (later.id, later.first_step, later.severity) == (only(firing).id, 10, "critical")


def test_a_warning_that_comes_back_after_it_was_resolved_is_a_new_episode() -> None:
    resolved = advance(advance(OLD, [found(10)], 20), [], 100)
    again = only(advance(resolved, [found(120)], 130))
    assert again.state == "firing"
    assert again.first_step == 120
    assert again.id != only(resolved).id


def test_the_function_leaves_its_input_as_it_was() -> None:
    before = advance(OLD, [found(10)], 20)
    copy = dict(before)
    advance(before, [], 500)
    assert before == copy
