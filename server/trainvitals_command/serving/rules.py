"""Reads the rules file of a server."""

from pathlib import Path

from trainvitals_command.errors import CannotServe
from trainvitals_server.diagnosis.rules_file import RulesFile, read_rules_file
from trainvitals_server.diagnosis.yaml_node import RulesFileError


def read_rules(path: Path | None) -> RulesFile | None:
    """The user's rules file, None where there is none; raises CannotServe naming the line of a mistake."""
    if path is None:
        return None
    try:
        return read_rules_file(path)
    except RulesFileError as error:
        raise CannotServe(f"the rules file cannot be used: {error}") from error
