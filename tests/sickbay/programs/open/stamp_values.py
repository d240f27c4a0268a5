"""Digits on stamps by plain gradient descent; the rate was copied from a fine-tuning recipe."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

from trainvitals.run import Run

from ...program import Program


class StampNet(nn.Module):
    """A small convolutional network, two blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.fc = nn.Linear(16 * 4, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits."""
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(x.flatten(1))


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Ten epochs."""
    torch.manual_seed(seed)
    images, labels = load_digits(return_X_y=True)
    xa, xb, ya, yb = train_test_split((images - 4.9) / 6.0, labels, test_size=0.25, random_state=seed)
    xa, xb = (torch.tensor(each).float().view(-1, 1, 8, 8) for each in (xa, xb))
    ya, yb = torch.tensor(ya), torch.tensor(yb)
    net = StampNet()
    opt = torch.optim.SGD(net.parameters(), lr=2e-5 if sick else 0.05, momentum=0.9)
    run.watch(net, opt)
    step = 0
    for _epoch in range(10):
        for rows in torch.randperm(len(xa)).split(32):
            loss = F.cross_entropy(net(xa[rows]), ya[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
            step += 1
            run.log({"loss": loss.item()}, step=step)
    return (net(xb).argmax(1) == yb).float().mean().item()


PROGRAM = Program(train, causes=("learning_rate_too_low",))
