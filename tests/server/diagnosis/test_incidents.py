"""One cause, one card."""

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.incidents import follows, group, leader
from trainvitals_server.diagnosis.life import Found, LivingWarning
from trainvitals_server.diagnosis.network import Network
from trainvitals_wire.records import Layer, Severity

NETWORK = Network(Layer(name=f"layer{i}", type="Linear", order=i, output_shape=None, parameters=[]) for i in range(40))


def warning(
    cause: str, layer: str, first_step: int, severity: Severity = "warning", series: str | None = None
) -> LivingWarning:
    finding = Finding(
        first_step, first_step, "s", "r", "e", (Cause(cause, "w", first_step),), layer=layer, series=series
    )
    found = Found(cause, finding, severity)
    return LivingWarning(f"{cause}-{layer}", "firing", severity, first_step, first_step, found)


def test_forty_layers_are_one_incident_that_names_the_first_in_forward_order() -> None:
    layers = [warning("exploding_activation", f"layer{i}", 100 + i // 10) for i in range(39, 6, -1)]
    (incident,) = group(layers, {}, 20)
    assert len(incident.warnings) == 33
    assert leader(incident, NETWORK).finding.layer == "layer7"


def test_for_gradients_the_first_in_backward_order_is_named() -> None:
    layers = [warning("vanishing_gradient", f"layer{i}", 0, series=f"gradient_norm/layer{i}.weight") for i in range(5)]
    (incident,) = group(layers, {}, 20)
    assert leader(incident, NETWORK).finding.layer == "layer4"


def test_warnings_of_distant_onsets_and_no_common_cause_are_two_incidents() -> None:
    assert len(group([warning("dead_units", "layer1", 10), warning("not_in_optimizer", "layer2", 500)], {}, 20)) == 2


def test_a_late_symptom_joins_the_cause_that_explains_it() -> None:
    root = warning("learning_rate_too_high", "layer0", 0)
    late = warning("dead_units", "layer3", 300)
    (incident,) = group([late, root], {}, 20)
    assert [cause.cause for cause in incident.causes] == ["learning_rate_too_high", "dead_units"]


def test_two_faults_of_how_a_training_is_built_are_two_incidents_though_both_show_at_once() -> None:
    faults = [warning("missing_nonlinearity", "layer1", 0), warning("not_in_optimizer", "layer2", 0)]
    assert len(group(faults, {}, 20)) == 2


def test_what_the_root_explains_follows_from_it_and_a_second_fault_does_not() -> None:
    root, dead = warning("learning_rate_too_high", "layer0", 0), warning("dead_units", "layer3", 5)
    other = warning("input_not_normalised", "layer0", 1)
    (incident,) = group([root, dead, other], {}, 20)
    lead = leader(incident, NETWORK)
    assert [follows(member, lead, incident) for member in (root, dead, other)] == [False, True, False]


def test_notes_belong_to_no_incident() -> None:
    assert group([warning("dead_units", "layer1", 0, "note")], {}, 20) == []


def test_an_incident_keeps_its_identity_when_an_earlier_warning_joins() -> None:
    late = warning("dead_units", "layer3", 12)
    (before,) = group([late], {}, 20)
    early = warning("learning_rate_too_high", "layer0", 0)
    (after,) = group([late, early], {late.id: before.id}, 20)
    assert after.id == before.id


def without_cause(layer: str, first_step: int) -> LivingWarning:
    finding = Finding(first_step, first_step, "s", "r", "e", (), layer=layer)
    return LivingWarning(f"-{layer}", "firing", "warning", first_step, first_step, Found("r", finding, "warning"))


def test_a_late_symptom_without_a_cause_joins_what_is_wrong_already() -> None:
    (incident,) = group([warning("single_label_batches", "layer0", 0), without_cause("layer3", 300)], {}, 20)
    assert [cause.cause for cause in incident.causes] == ["single_label_batches"]


def test_a_symptom_without_a_cause_is_no_doing_of_how_a_training_is_built() -> None:
    assert len(group([warning("overfitting", "layer0", 0), without_cause("layer3", 300)], {}, 20)) == 2
