"""The settings of a server from arguments and environment, with errors that name what to change."""

from typing import Any

from pydantic import ValidationError

from trainvitals_command.errors import CannotServe
from trainvitals_server.settings import Settings


def read_settings(**arguments: Any) -> Settings:
    """The settings; an argument of None leaves the environment and the default their say.

    Raises CannotServe naming each option that is wrong.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise CannotServe(" ".join(_words(item["loc"], item["msg"]) for item in error.errors())) from error


def _words(place: tuple[int | str, ...], message: str) -> str:
    message = message.removeprefix("Value error, ")
    if not place:
        return message
    name = str(place[0])
    option, variable = f"--{name.replace('_', '-')}", f"TRAINVITALS_{name.upper()}"
    return f"{option} (or {variable}): {message}."
