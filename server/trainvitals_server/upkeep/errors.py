"""What house-keeping can refuse.

UpkeepError
├── CannotCopy    a backup cannot be written, or not be put back
└── CannotVerify  there is nothing that could be verified
"""


class UpkeepError(Exception):
    """It could not be done; the message says why, and what to do."""


class CannotCopy(UpkeepError):
    """A backup cannot be written, or not be put back."""


class CannotVerify(UpkeepError):
    """There is nothing that could be verified."""
