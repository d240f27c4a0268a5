"""What the SDK raises, and the only places where it does.

Exception
├── Error            `tv.init` or `tv.Api`: wrong arguments, a refused key, a resume conflict, a server that says no
└── TrainingStopped  the next `log` after a critical warning, where the user asked for `on_critical="stop"`
"""


class Error(Exception):
    """Something the user has to change; the message says what."""


class TrainingStopped(Exception):
    """A critical warning came in and the run was made with `on_critical="stop"`."""
