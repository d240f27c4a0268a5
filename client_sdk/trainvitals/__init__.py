"""Watches a PyTorch training run and streams its vital signs.

import trainvitals as tv

run = tv.init(project="digits")
run.watch(model, optimizer, criterion)
run.log({"loss": loss})
run.finish()
"""

from trainvitals.api import Api
from trainvitals.current import alert, finish, log, unwatch, watch
from trainvitals.errors import Error, TrainingStopped
from trainvitals.replay import sync
from trainvitals.run import Run
from trainvitals.start import init
from trainvitals.user_histogram import Histogram

__all__ = [
    "Api",
    "Error",
    "Histogram",
    "Run",
    "TrainingStopped",
    "alert",
    "finish",
    "init",
    "log",
    "sync",
    "unwatch",
    "watch",
]
