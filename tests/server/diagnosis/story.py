"""What every card owes its reader: one root, few causes, and one piece of advice."""

from itertools import combinations

from trainvitals_server.diagnosis.causes import CAUSES_MAX, deny
from trainvitals_wire.records import Warnings


def tells_one_story(found: Warnings) -> bool:
    """Whether there is one incident whose causes do not contradict each other and whose warnings give one advice."""
    (incident,) = found["incidents"]
    causes = [cause["cause"] for cause in incident["causes"]]
    assert len(causes) <= CAUSES_MAX
    assert not [pair for pair in combinations(causes, 2) if deny(*pair)]
    members = {entry["id"]: entry for entry in found["warnings"] if entry["incident"] == incident["id"]}
    lead = members[incident["warnings"][0]]
    assert lead["severity"] == incident["severity"]
    assert lead["remedy"] == incident["remedy"]
    for entry in members.values():
        assert entry["causes"][0]["cause"] == causes[0], entry
        named = [cause["cause"] for cause in entry["causes"]]
        assert set(named) <= set(causes), (named, causes)
    advice = " ".join(entry["remedy"] for entry in members.values())
    assert not ("Multiply the learning rate" in advice and "Divide the learning rate" in advice), advice
    return True
