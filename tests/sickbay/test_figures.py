"""What the sick bay counts, from results made by hand."""

from io import StringIO

from rich.console import Console

from .bay import Result
from .case import Case, twin_of
from .figures import Found, Healing, false_alarms, remedied
from .judgement import Judgement
from .program import PROGRAM, load_programs
from .recording import Course
from .table import show

SILENT = Judgement(None, ())
SICK = Case("sick", "zero_grad_missing", "mlp digits", 0)
LATE = Case("sick", "nan_in_an_input", "mlp cancer", 0)


def result(case: Case, judged: Judgement = SILENT, score: float = 1.0) -> Result:
    return Result(case, Course(score, 1.0, "", "", None), judged, SILENT)


def test_the_right_cause_counts_by_its_place_on_the_page() -> None:
    said = [
        ("missing_zero_grad",),
        ("diverging", "missing_zero_grad"),
        ("diverging", "oscillating", "missing_zero_grad"),
    ]
    found = Found.of([result(SICK, Judgement(9, causes)) for causes in (*said, ())], lambda result: result.judged)
    assert (found.trainings, found.alarmed, found.first, found.within_two, found.named) == (4, 4, 1, 2, 3)


def test_steps_count_from_the_onset_of_the_fault() -> None:
    found = Found.of([result(LATE, Judgement(49, ())), result(LATE)], lambda result: result.judged)
    assert found.median_steps == 9
    assert found.alarmed == 1


def test_advice_to_undo_the_fault_makes_the_twin() -> None:
    told = result(SICK, Judgement(9, ("missing_zero_grad",), advice="Call optimizer.zero_grad() in each step."))
    assert remedied(told) == twin_of(SICK) == Case("twin", "plain", "mlp digits", 0)


def test_advice_that_names_a_number_is_followed() -> None:
    told = result(SICK, Judgement(9, (), advice="Divide the learning rate by 7.5."))
    case = remedied(told)
    assert case is not None and case.role == "remedied"
    assert case.training().options["lr"] == SICK.training().options["lr"] / 7.5


def test_advice_to_do_it_again_is_followed_as_often_as_a_card_gives_it() -> None:
    raised = "Multiply the learning rate by 30, and again until updates are about 0.001 of the weights."
    told = result(SICK, Judgement(9, (), advice=raised))
    once = remedied(told)
    assert once is not None
    twice = remedied(told, {once: result(once, Judgement(9, (), advice="Multiply the learning rate by 2."))})
    assert twice is not None
    assert twice.training().options["lr"] == SICK.training().options["lr"] * 60
    assert remedied(told, {once: result(once)}) == once


def test_a_remedy_heals_when_it_closes_half_of_the_gap() -> None:
    told = result(SICK, Judgement(9, (), advice="Divide the learning rate by 7.5."), score=0.2)
    twin, after = result(twin_of(SICK), score=1.0), remedied(told)
    assert after is not None
    for score, healed in ((0.61, 1), (0.59, 0)):
        every = {found.case: found for found in (told, twin, result(after, score=score))}
        assert Healing.of([told], every) == Healing(applied=1, healed=healed)


def test_where_the_fault_does_no_harm_no_remedy_is_counted() -> None:
    told = result(SICK, Judgement(9, (), advice="optimizer.zero_grad()"), score=0.98)
    every = {found.case: found for found in (told, result(twin_of(SICK), score=1.0))}
    assert Healing.of([told], every) == Healing(applied=0, healed=0)


def test_any_alarm_in_a_healthy_run_is_false_even_a_resolved_one() -> None:
    quiet, loud = result(SICK), result(SICK, Judgement(100, ()))
    assert false_alarms([quiet, loud], lambda result: result.judged) == [loud]


def test_what_is_sealed_stands_in_the_totals_alone() -> None:
    sealed = {program.sealed: program.name for program in load_programs().values() if program.causes}
    cases = [Case(role, name, PROGRAM, 0) for name in sealed.values() for role in ("sick", "twin")]
    written = StringIO()
    show({case: result(case, Judgement(9, ())) for case in cases}, Console(file=written, width=180))
    assert sealed[False] in written.getvalue() and sealed[True] not in written.getvalue()
    assert "(2/2)" in written.getvalue()
