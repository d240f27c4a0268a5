"""What stands behind the question mark: the shared parameters, and the refusal of names that a route does not know."""

from typing import Annotated, Any

from fastapi import Query
from pydantic import BeforeValidator, Field
from starlette.requests import HTTPConnection

from trainvitals_server.errors import ApiError
from trainvitals_wire.limits import DATA_KEYS_MAX, DATA_RUNS_MAX, KEY_LENGTH_MAX, STEP_MAX

Key = Annotated[str, Query(min_length=1, max_length=KEY_LENGTH_MAX)]
Keys = Annotated[list[Key], Query(alias="key", min_length=1, max_length=DATA_KEYS_MAX)]
Runs = Annotated[list[Key], Query(alias="run", min_length=1, max_length=DATA_RUNS_MAX)]
EMPTY_IS_ABSENT = BeforeValidator(lambda value: None if value == "" else value)
"""`?from=&to=` says the same as leaving both out: a form sends its empty fields too."""

Step = Annotated[int, Field(ge=0, le=STEP_MAX)]
FirstStep = Annotated[Step | None, EMPTY_IS_ABSENT, Query(alias="from")]
LastStep = Annotated[Step | None, EMPTY_IS_ABSENT, Query(alias="to")]


def refuse_unknown(connection: HTTPConnection) -> None:
    """Raise ApiError (422) for a query name that the route does not take: a misspelt filter must not be ignored."""
    route: Any = connection.scope["route"]
    known = [field.alias for field in route.dependant.query_params]
    unknown = [name for name in connection.query_params if name not in known]
    if unknown and connection.scope["type"] == "http":
        hint = f"Known here: {', '.join(known)}." if known else "This route takes no query."
        raise ApiError(422, "unknown_query", f"Unknown query name {unknown[0]!r:.80}.", hint)


def check_window(first_step: int | None, last_step: int | None) -> None:
    """Raise ApiError (422) for a window that ends before it starts."""
    if first_step is not None and last_step is not None and first_step > last_step:
        raise ApiError(
            422, "invalid_request", f"The window from {first_step} to {last_step} is empty.", "Exchange from and to."
        )
