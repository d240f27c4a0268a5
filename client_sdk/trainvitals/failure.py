"""How an exception is told: its type, its message and the last lines of its traceback."""

TRACEBACK_LINES = 20
Failure = dict[str, str]


def describe_failure(error: BaseException) -> Failure:
    """`{"type", "message", "traceback"}`, as `PATCH /runs/{id}` takes it."""
    import traceback

    lines = "".join(traceback.format_exception(error)).splitlines()
    return {
        "type": type(error).__name__,
        "message": str(error),
        "traceback": "\n".join(lines[-TRACEBACK_LINES:]),
    }
