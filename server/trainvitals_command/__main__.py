"""Lets `python -m trainvitals_command` do what `trainvitals` does."""

import sys

from trainvitals_command.entry import main

sys.exit(main())
