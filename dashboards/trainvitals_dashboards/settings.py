"""What the pages need to be told."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PagesSettings:
    """The settings of the pages, built once by the command line.

    `server_address` is what a training script would use as `TRAINVITALS_SERVER`; the empty state shows it.
    `path_prefix` is the path of the public URL in front of every route, `""` or like `"/vitals"`, without a slash at
    its end. `panel_seconds` is the least time between two refreshes of the panels of an open page, `runs_seconds` that
    between two looks for new runs on `/`. `server_settings` are what `/settings` shows of the server: name, value, and
    what it means.
    """

    server_address: str = "http://127.0.0.1:8765"
    path_prefix: str = ""
    panel_seconds: float = 1.0
    runs_seconds: float = 5.0
    server_settings: tuple[tuple[str, str, str], ...] = ()

    def __post_init__(self) -> None:
        prefix = self.path_prefix
        if prefix and (not prefix.startswith("/") or prefix.endswith("/")):
            raise ValueError(f"path_prefix {prefix!r} must start with a slash and not end with one, like '/vitals'")
