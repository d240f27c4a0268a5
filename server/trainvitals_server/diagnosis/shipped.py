"""The rules file that comes with the server."""

from functools import cache
from pathlib import Path

from trainvitals_server.diagnosis.rules_file import RulesFile, read_rules_file

PATH = Path(__file__).with_name("rules.yaml")


@cache
def shipped() -> RulesFile:
    """The file as it lies beside this one: every rule with its defaults."""
    return read_rules_file(PATH)
