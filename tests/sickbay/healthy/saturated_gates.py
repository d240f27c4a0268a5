"""An LSTM whose forget gates start saturated on purpose, so that it remembers."""

import torch

from ..fault import Healthy
from ..training import Training


def prepare(training: Training) -> None:
    """A bias of 5 (Gers et al. 2000; Jozefowicz et al. 2015 take 1 and more)."""
    recurrent = training.model.recurrent
    with torch.no_grad():
        recurrent.bias_hh_l0[recurrent.hidden_size : 2 * recurrent.hidden_size] = 5.0


HEALTHY = Healthy(trainings=("rnn sums", "rnn digits"), prepare=prepare)
