"""What every fault and healthy run of the folders owes the sick bay."""

from importlib import import_module

import pytest

from trainvitals_wire.causes import CAUSES

from .case import Case, chosen, sick_cases
from .fault import Fault, Healthy, half_of, load_faults, load_healthy
from .program import Program, load_programs
from .task import task

NETWORKS = {"mlp", "cnn", "rnn", "transformer"}


@pytest.mark.parametrize("fault", load_faults().values(), ids=lambda fault: fault.name)
def test_a_fault_names_known_causes_and_two_networks(fault: Fault) -> None:
    assert fault.causes and set(fault.causes) <= CAUSES.keys()
    networks = [trained.split()[0] for trained in fault.trainings]
    assert len(set(networks)) >= 2 and set(networks) <= NETWORKS
    assert all(task(trained.split()[1]) for trained in fault.trainings)


@pytest.mark.parametrize("item", [*load_faults().values(), *load_healthy().values()], ids=lambda item: item.name)
def test_a_file_says_what_it_is(item: Fault | Healthy) -> None:
    folder = "faults" if isinstance(item, Fault) else "healthy"
    assert import_module(f"{__package__}.{folder}.{item.name}").__doc__


@pytest.mark.parametrize("program", load_programs().values(), ids=lambda program: program.name)
def test_a_program_is_found_in_its_folder_and_names_known_causes(program: Program) -> None:
    assert program.path.read_text(encoding="utf-8").startswith('"""')
    assert set(program.causes) <= CAUSES.keys()
    assert program.half == ("b" if program.path.parent.name == "sealed" else "a")
    assert program.name not in load_faults().keys() | load_healthy().keys()


def test_what_is_sealed_is_taken_only_when_asked_for() -> None:
    taken = {kind: {item.name for part in chosen([], None, kind) for item in part} for kind in ("open", "none", "all")}
    programs = load_programs()
    assert taken["open"] - taken["none"] == {name for name, program in programs.items() if not program.sealed}
    assert taken["all"] - taken["none"] == programs.keys()
    with pytest.raises(SystemExit, match="no such"):
        chosen([next(name for name, program in programs.items() if program.sealed)], None, "sealed")


def test_no_two_cases_share_a_recording() -> None:
    every = [*load_faults().values(), *load_programs().values()]
    keys = [case.key for item in every for case in sick_cases(item, range(3))]
    assert len(keys) == len(set(keys))
    one = Case("remedied", "learning_rate_too_high", "mlp digits", 0, "Divide the learning rate by 3.")
    assert one.key != Case("remedied", one.name, one.trained, 0, "Divide the learning rate by 9.").key


def test_a_name_always_belongs_to_the_same_half() -> None:
    assert [half_of(name) for name in ("body_detached", "sigmoid_stack")] == ["b", "a"]
    halves = [fault.half for fault in load_faults().values()]
    assert min(halves.count("a"), halves.count("b")) >= len(halves) / 5


@pytest.mark.parametrize("item", [*load_faults().values(), *load_healthy().values()], ids=lambda item: item.name)
def test_what_was_seen_verifies_nothing(item: Fault | Healthy) -> None:
    assert item.half == ("a" if item.seen else half_of(item.name))
    assert not item.seen or half_of(item.name) == "b", "seen changes nothing here: it is in half a by its name"
