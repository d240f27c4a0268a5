import json

import pytest
from sample_reader import SampleReader, detail, gpt_run, sick_warnings

from trainvitals_dashboards import sparkline
from trainvitals_dashboards.colours import strokes
from trainvitals_dashboards.links import Links
from trainvitals_dashboards.loss_series import last_loss
from trainvitals_dashboards.number_format import short, whole
from trainvitals_dashboards.panels.config_differences import differences
from trainvitals_dashboards.panels.failure import failure
from trainvitals_dashboards.panels.first_steps import example
from trainvitals_dashboards.panels.incidents import incidents
from trainvitals_dashboards.panels.key_figures import key_figures
from trainvitals_dashboards.panels.layer_table import layer_table
from trainvitals_dashboards.panels.mutes import mute_list
from trainvitals_dashboards.panels.ranks import ranks
from trainvitals_dashboards.panels.rules import rules
from trainvitals_dashboards.panels.run_table import run_table
from trainvitals_dashboards.tree import tree
from trainvitals_dashboards.view import View


def _text(content: object) -> str:
    def words(spec: object) -> str:
        return spec if isinstance(spec, str) else " ".join(words(part) for part in spec[2] or [])

    return " ".join(words(spec) for spec in json.loads(tree(content)))


def test_the_layer_table_has_the_worst_layers_first(reader) -> None:
    table = layer_table(reader, "sick", reader.layers("sick"), reader.warnings("sick"), Links())
    rows = [getattr(row, "data-layer") for row in table.children[1].children]
    assert rows[:4] == ["blocks.8.attn.qkv", "blocks.7.attn.qkv", "blocks.7.ln_1", "blocks.7.attn.proj"]
    assert len(rows) == 60
    assert rows[-1] == "blocks.11.mlp.proj"


def test_no_layer_is_called_healthy_while_the_network_is_in_a_critical_state(reader) -> None:
    def said(run_id: str) -> str:
        return _text(layer_table(reader, run_id, reader.layers(run_id), reader.warnings(run_id), Links()))

    assert "healthy" in said("healthy")
    assert "healthy" not in said("sick")
    assert "no warning of its own" in said("sick")


def test_one_incident_is_one_card_and_notes_are_quiet(reader) -> None:
    panel = incidents(reader.warnings("sick"))
    text = _text(panel)
    assert len(panel.children[0].children) == 3
    assert "4 layers" in text and "Learning rate too high" in text and "Divide the learning rate by 3" in text
    assert "1 note" in text


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        ([("note", "firing")] * 3, "3 notes"),
        ([("warning", "resolved")], "1 resolved warning"),
        ([("note", "firing"), ("note", "resolved"), ("critical", "resolved")], "3 notes and resolved warnings"),
        ([("warning", "muted"), ("warning", "resolved")], "2 muted and resolved warnings"),
        ([("warning", "firing")], "1 warning"),
    ],
)
def test_the_list_of_the_rest_says_what_it_holds(kinds, words) -> None:
    found = sick_warnings()
    entries = [
        {**found["warnings"][0], "rule": f"rule {number}", "severity": severity, "state": state, "incident": None}
        for number, (severity, state) in enumerate(kinds)
    ]
    text = _text(incidents({"warnings": entries, "incidents": []}))
    assert text.strip().startswith(words + " ")


def test_what_a_rule_notes_of_many_layers_is_one_line_that_names_them() -> None:
    note = {**sick_warnings()["warnings"][0], "rule": "activation_mean", "severity": "note", "incident": None}
    entries = [{**note, "id": str(number), "layer": f"block{number}"} for number in range(12)]
    text = _text(incidents({"warnings": entries, "incidents": []}))
    assert text.strip().startswith("1 note ")
    assert "so it is in 11 more layers: block1, block2, block3, block4, block5, block6 and 5 more" in text


def test_a_cause_that_the_summary_tells_in_the_same_words_is_told_once() -> None:
    found = sick_warnings()
    incident = found["incidents"][0]
    lead = next(warning for warning in found["warnings"] if warning["id"] == incident["warnings"][0])
    first, *others = incident["causes"]
    same = {**first, "why": lead["summary"][0].lower() + lead["summary"][1:]}
    for causes, told in (([same], []), ([same, *others], [same, *others])):
        text = _text(incidents({**found, "incidents": [{**incident, "causes": causes}]}))
        assert text.casefold().count(lead["summary"].casefold()) == 1
        assert all(other["why"] in text for other in told[1:])


def test_the_table_of_runs_counts_incidents_not_the_warnings_behind_them(reader) -> None:
    text = _text(run_table(reader, reader.runs(), Links(), View()))
    assert "2 critical" in text and "1 warning" in text and "none" in text
    assert "1 warnings" not in text


def test_the_loss_of_a_run_is_the_same_everywhere() -> None:
    losses = {"criterion_loss": {"last": 4.2}, "val_loss": {"last": 3.0}, "train/loss": {"last": 2.0}}
    assert last_loss(losses) == 2.0
    assert last_loss({**losses, "train_loss": {"last": 1.5}, "loss": {"last": 1.0}}) == 1.0
    assert last_loss({"criterion_loss": {"last": 4.2}}) == 4.2
    assert last_loss({"loss": "what the user set"}) is None


def test_key_figures_say_what_a_run_does(reader) -> None:
    text = _text(key_figures(reader, reader.run("sick"), reader.warnings("sick"), 60))
    for words in (
        "999",
        "train loss",
        "validation loss",
        "steps/s",
        "1.3",
        "measured each 5 steps",
        "7 / 60",
        "3 incidents, 2 critical",
    ):
        assert words in text


def test_dropped_values_are_shown_by_reason() -> None:
    run = gpt_run("x", sick=False, steps=20)
    run.detail["dropped"] = {"queue_full": 12, "late": 0}
    reader = SampleReader(run)
    text = _text(key_figures(reader, reader.run("x"), reader.warnings("x"), 60))
    assert "queue full 12" in text and "late" not in text


@pytest.mark.parametrize(("layers", "said"), [(60, "no gradient so far"), (0, "watch(model) measures it")])
def test_a_network_without_gradients_is_not_told_to_be_watched(layers: int, said: str) -> None:
    run = gpt_run("x", sick=False, steps=20)
    run.series = {key: series for key, series in run.series.items() if key != "gradient_norm_total"}
    reader = SampleReader(run)
    assert said in _text(key_figures(reader, reader.run("x"), reader.warnings("x"), layers))


def test_a_watch_that_turned_itself_off_says_so() -> None:
    run = gpt_run("x", sick=False, steps=20)
    run.detail["capture"] = {"mode": "off", "reason": "20 exceptions in hooks, the last ValueError: odd"}
    reader = SampleReader(run)
    text = _text(key_figures(reader, reader.run("x"), reader.warnings("x"), 60))
    assert "turned itself off after 20 exceptions in hooks, the last ValueError: odd" in text


def test_a_failed_run_shows_its_traceback() -> None:
    error = {"type": "ValueError", "message": "<b>", "traceback": "line 1"}
    assert _text(failure(detail("x", "x", status="failed", error=error))).split() == [
        "✕",
        "ValueError:",
        "<b>",
        "Traceback",
        "line",
        "1",
    ]
    assert failure(detail("x", "x")) is None


def test_the_head_names_the_ranks_of_a_training_of_several_processes() -> None:
    run = detail("x", "x")
    assert ranks(run) is None
    run["environment"] = {"host": "a", "process": 3, "rank": 0, "world_size": 4, "rank2": {"host": "b", "process": 5}}
    found = ranks(run)
    assert found is not None and _text(found) == "2 of 4 ranks"
    assert found.title.splitlines()[1:] == ["rank 0: process 3 on a", "rank 2: process 5 on b"]


def test_config_differences_look_into_nested_values() -> None:
    found = differences([{"lr": 1, "o": {"name": "sgd"}}, {"lr": 1, "o": {"name": "adam"}, "extra": None}])
    assert found == {"o.name": ["sgd", "adam"], "extra": ["\N{EN DASH}", "null"]}


def test_the_example_of_the_empty_state_is_python_and_names_the_server() -> None:
    text = example("http://10.0.0.1:9000")
    compile(text, "example", "exec")
    assert 'server="http://10.0.0.1:9000"' in text


def test_runs_keep_their_colours_and_two_never_share_one() -> None:
    alone = strokes(["a"])["a"]
    many = strokes([chr(97 + place) for place in range(7)])
    assert many["a"] == alone
    assert len({stroke.colour for stroke in many.values()}) == 7


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.614, "2.61"),
        (0.0174, "0.017"),
        (4.3e-5, "4.3e-5"),
        (0.0, "0"),
        (1234.5, "1234"),
        (1.2e6, "1.2e6"),
        (18.44, "18.4"),
    ],
)
def test_numbers_are_short(value, text) -> None:
    assert short(value) == text


def test_thousands_are_set_apart() -> None:
    assert whole(1234567) == "1\u202f234\u202f567"


def test_a_sparkline_leaves_gaps_where_values_are_missing() -> None:
    assert sparkline.path([]) == sparkline.path([None]) == ""
    assert sparkline.path([1.0, None, float("nan"), 2.0]).count("M") == 2


def test_a_tree_keeps_markup_in_names_as_text() -> None:
    run = gpt_run("x", "<script>", sick=False, steps=20)
    assert _text(run.detail["name"]) == "<script>"


def test_a_card_can_be_muted_by_rule_and_layers(reader) -> None:
    found = reader.warnings("sick")
    spec = json.dumps(tree(incidents(found)))
    assert "data-mute" in spec and "activation_std" in spec and "reason" in spec


def test_what_is_muted_is_listed_with_its_reason_and_a_way_back(reader) -> None:
    warning = {**reader.warnings("sick")["warnings"][0], "state": "muted", "mute": {"id": None, "reason": "on purpose"}}
    entry = {"id": "m1", "rule": "dead_units", "layers": "blocks.*", "reason": "pruned", "created_at": 0.0}
    panel = mute_list([entry], [warning])
    text, spec = _text(panel), tree(panel)
    assert "2 mutes" in text and "dead units" in text and "blocks.*" in text and "pruned" in text
    assert "by the server's rules file" in text and "on purpose" in text
    assert spec.count("data-unmute") == 1 and "Unmute dead units for blocks.*" in spec
    assert mute_list([], []) is None


def test_the_rules_say_what_they_lack() -> None:
    lacks = "not measured: pass criterion="
    panel = rules(
        [
            {"rule": "dead_units", "state": "quiet", "why": ""},
            {"rule": "loss_at_init", "state": "not_measured", "why": lacks},
            {"rule": "shape_broadcast", "state": "not_measured", "why": lacks},
            {"rule": "update_ratio", "state": "warming_up", "why": "waits"},
        ]
    )
    text = _text(panel)
    assert "2 of 4 rules judge this run" in text
    assert f"{lacks} loss at init, shape broadcast" in text
    assert "waiting for the end of the warm-up update ratio" in text
    assert rules([]) is None
