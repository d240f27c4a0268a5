"""Morse-like symbols read by CTC: the loss knows the order of the letters and not their places."""

import torch
from torch import Tensor, nn

from trainvitals.run import Run

from ...program import Program


class Telegraph(nn.Module):
    """Convolution over frames, then a letter or a blank for each."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv1d(6, 32, 5, padding=2), nn.ReLU(), nn.Conv1d(32, 32, 3, padding=1), nn.ReLU(), nn.Conv1d(32, 5, 1)
        )

    def forward(self, frames: Tensor) -> Tensor:
        """Log probabilities: time, batch, letter."""
        return self.net(frames).permute(2, 0, 1).log_softmax(2)


def messages(n: int, codes: Tensor) -> tuple[Tensor, Tensor]:
    """Three letters of four frames each with gaps."""
    letters = torch.randint(1, 5, (n, 3))
    frames = 0.3 * torch.randn(n, 6, 18)
    for i in range(3):
        frames[:, :, 1 + 6 * i : 5 + 6 * i] += codes[letters[:, i] - 1][:, :, None]
    return frames, letters


def train(run: Run, *, sick: bool, seed: int) -> float:
    """The score is the share of whole messages that are right."""
    torch.manual_seed(seed)
    codes = torch.randn(4, 6)
    model, ctc = Telegraph(), nn.CTCLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, ctc)
    for _ in range(300):
        frames, letters = messages(32, codes)
        loss = ctc(model(frames), letters, torch.full((32,), 18), torch.full((32,), 3))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"ctc": loss.item()})
    frames, letters = messages(300, codes)
    right = 0
    for path, truth in zip(model(frames).argmax(2).T.tolist(), letters.tolist(), strict=True):
        heard = [c for i, c in enumerate(path) if c and (i == 0 or path[i - 1] != c)]
        right += heard == truth
    return right / 300


PROGRAM = Program(train)
