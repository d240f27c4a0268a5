"""The rules file: what it may say, and what it answers to mistakes."""

from pathlib import Path

import pytest

from trainvitals_server.diagnosis.policy import POLICY
from trainvitals_server.diagnosis.rule import declared_rules
from trainvitals_server.diagnosis.rulebook import Rulebook, rulebook
from trainvitals_server.diagnosis.rules_file import RulesFile, checked, read_rules_file
from trainvitals_server.diagnosis.shipped import PATH, shipped
from trainvitals_server.diagnosis.write_shipped import written
from trainvitals_server.diagnosis.yaml_node import RulesFileError, parse
from trainvitals_server.storage.contract import RunTraits

CNN = RunTraits("digits", "cnn lr=0.1", ("baseline",), {"lr": 0.1, "model": {"depth": 3}, "optimizer": "AdamW"})


def file(text: str) -> RulesFile:
    return checked(parse(text, "rules.yaml"))


def book(text: str, run: RunTraits = CNN) -> Rulebook:
    return rulebook(file(f"version: 1\n{text}"), run)


def high(book: Rulebook, layer: str | None = None) -> float:
    (rule,) = (rule for rule in book.rules if rule.name == "activation_std")
    return rule.terms_of(layer).thresholds["high"]


def test_the_shipped_file_is_what_the_rule_files_declare() -> None:
    assert PATH.read_text("utf-8") == written(), "run `python -m trainvitals_server.diagnosis.write_shipped`"


def test_the_shipped_file_names_every_rule_and_all_of_the_policy() -> None:
    (override,) = shipped().overrides
    assert set(override.rules) == {rule.name for rule in declared_rules()}
    assert {name: set(group) for name, group in override.policy.items()} == {n: set(g) for n, g in POLICY.items()}
    for rule in declared_rules():
        assert override.rules[rule.name].thresholds.keys() == rule.rule.thresholds.keys()


def test_a_threshold_holds_for_every_run_and_the_others_stay() -> None:
    changed = book("rules: {activation_std: {thresholds: {high: 3}}}")
    assert high(changed) == 3.0
    assert changed.thresholds["activation_std"]["low"] == 0.5


def test_a_rule_may_be_capped_and_made_patient() -> None:
    (rule,) = (
        rule
        for rule in book("rules: {dead_units: {severity: note, hold_steps: 7, keep_steps: 9}}").rules
        if rule.name == "dead_units"
    )
    assert (rule.terms.severity, rule.terms.hold_steps, rule.terms.keep_steps) == ("note", 7, 9)


@pytest.mark.parametrize(
    ("runs", "fits"),
    [
        ("{project: digits}", True),
        ("{project: dig*, name: 'cnn*', tag: base*}", True),
        ("{project: other}", False),
        ("{tag: other}", False),
        ("{config: {lr: 0.1}}", True),
        ("{config: {lr: 1e-1, model.depth: 3, optimizer: Adam*}}", True),
        ("{config: {lr: 0.2}}", False),
        ("{config: {missing: 1}}", False),
    ],
)
def test_an_override_holds_for_the_runs_that_it_chooses(runs: str, fits: bool) -> None:
    text = f"overrides:\n- runs: {runs}\n  rules: {{activation_std: {{thresholds: {{high: 3}}}}}}"
    assert high(book(text)) == (3.0 if fits else 2.0)


def test_an_override_holds_for_the_layers_that_it_chooses_and_the_last_one_stands() -> None:
    changed = book(
        "overrides:\n"
        "- {layers: 'blocks.*', rules: {activation_std: {thresholds: {high: 3}}}}\n"
        "- {layers: ['blocks.1', 'head'], rules: {activation_std: {thresholds: {high: 4}}}}\n"
    )
    assert [high(changed, layer) for layer in ("blocks.0", "blocks.1", "head", "stem", None)] == [3, 4, 4, 2, 2]


def test_the_policy_can_be_set_by_run() -> None:
    text = "overrides:\n- {runs: {project: digits}, policy: {loss: {chance_share: 0.9}}}"
    assert book(text).thresholds["loss"]["chance_share"] == 0.9
    assert book(text, RunTraits("other")).thresholds["loss"]["chance_share"] == 0.98


def test_a_number_may_be_written_with_an_exponent() -> None:
    assert book("rules: {update_ratio: {thresholds: {low: 1e-5}}}").thresholds["update_ratio"]["low"] == 1e-5


def test_a_mute_says_why() -> None:
    (mute,) = book("mutes: [{rule: dead_units, layers: 'stem*', reason: pruned on purpose}]").mutes
    assert (mute.rule, mute.layers, mute.reason) == ("dead_units", ("stem*",), "pruned on purpose")
    assert not book("mutes: [{rule: dead_units, reason: r, runs: {project: other}}]").mutes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "rules.yaml is empty; a rules file begins with `version: 1`."),
        ("rules: {}", "line 1: there is no version"),
        ("version: 2", "line 1: this server reads version 1, not 2."),
        ("version: true", "this server reads version 1, not True."),
        ("- a", "line 1: the file must be a mapping of names to values, not a list."),
        ("version: 1\nrule: {}", "line 2: the file has no part 'rule'; did you mean rules?"),
        ("version: 1\nrules:\n  activation_st: {}", "line 3: rules has no rule 'activation_st'; did you mean activ"),
        (
            "version: 1\nrules:\n  activation_std:\n    thresholds:\n      hi: 3",
            "line 5: activation_std has no threshold 'hi'; did you mean high?",
        ),
        (
            "version: 1\nrules:\n  missing_nonlinearity: {thresholds: {a: 1}}",
            "missing_nonlinearity has no threshold 'a'; there are none",
        ),
        ("version: 1\nrules: {activation_std: {thresholds: {high: big}}}", "high must be a number, not 'big'."),
        ("version: 1\nrules: {activation_std: {thresholds: {high: true}}}", "high must be a number, not 'true'."),
        ("version: 1\nrules: {activation_std: {thresholds: {high: .nan}}}", "high must be a number"),
        ("version: 1\nrules: {activation_std: {thresholds: {high: -1}}}", "high must not be negative, and is -1."),
        ("version: 1\nrules: {frozen_parameters: {thresholds: {samples: 2.5}}}", "samples is a count: a whole number"),
        ("version: 1\nrules: {dead_units: {severity: worse}}", "severity must be one of note, warning, critical"),
        ("version: 1\nrules: {dead_units: {keep_steps: 1.5}}", "keep_steps must be a whole number of steps"),
        ("version: 1\nrules: {dead_units: {patience: 1}}", "dead_units has no part 'patience'"),
        ("version: 1\npolicy: {los: {}}", "policy has no group 'los'; did you mean loss?"),
        ("version: 1\nversion: 1", "line 2: version stands twice in the file."),
        ("version: 1\nrules: [", "this is no YAML"),
        ("version: 1\noverrides: {}", "overrides must be a list (lines that begin with a dash), not a mapping."),
        (
            "version: 1\noverrides:\n- layers: a\n  rules: {learning_rate: {thresholds: {low: 1}}}",
            "line 4: learning_rate judges the whole run: it cannot be set by layer.",
        ),
        ("version: 1\noverrides: [{layers: a, policy: {}}]", "the policy holds for whole runs"),
        ("version: 1\noverrides: [{runs: {id: a}}]", "runs has no part 'id'"),
        ("version: 1\nmutes: [{rule: dead_units}]", "a mute needs a reason."),
        ("version: 1\nmutes: [{rule: dead_unit, reason: r}]", "there is no rule 'dead_unit'"),
        ("version: 1\nmutes: [{rule: dead_units, reason: ''}]", "reason must be a text, not nothing."),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, message: str) -> None:
    with pytest.raises(RulesFileError) as caught:
        file(text)
    assert message in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RulesFileError, match="cannot be read: No such file"):
        read_rules_file(tmp_path / "rules.yaml")
