"""What the command line can refuse.

CommandError
├── CannotServe     the server cannot start: address, database, settings
├── CannotCheck     a stored run cannot be judged anew: which run, which rules
├── CannotKeep      a backup, its way back, or a look at what is stored
├── CannotTrain     the demo cannot train
└── CannotSync      a spool directory cannot be sent
"""


class CommandError(Exception):
    """A command could not do its work; the message says in one line what happened and what to do. Exit code 2."""

    def __str__(self) -> str:
        return " ".join(super().__str__().split())


class CannotServe(CommandError):
    """The server cannot start."""


class CannotCheck(CommandError):
    """A stored run cannot be judged anew."""


class CannotKeep(CommandError):
    """A database cannot be copied, put back or verified."""


class CannotTrain(CommandError):
    """The demo cannot train."""


class CannotSync(CommandError):
    """A spool directory cannot be sent."""
