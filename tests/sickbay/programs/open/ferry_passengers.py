"""How many passengers the noon ferry takes, by the weather; the targets were never given their column."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from trainvitals.run import Run

from ...program import Program


class FerryNet(nn.Module):
    """Six measurements in, one standardised count out."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(6, 40)
        self.outer = nn.Linear(40, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Rows of one prediction."""
        return self.outer(torch.relu(self.inner(x)))


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Own arithmetic for the loss, as in the notebook it comes from."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    x = rng.normal(size=(1500, 6)).astype(np.float32)
    y = np.sin(x[:, 0]) * 2 + x[:, 1] * x[:, 2] + 0.5 * x[:, 3] + 0.2 * rng.normal(size=1500)
    y = ((y - y.mean()) / y.std()).astype(np.float32)
    tx, ty = torch.from_numpy(x), torch.from_numpy(y)
    loader = DataLoader(TensorDataset(tx[:1200], ty[:1200] if sick else ty[:1200, None]), batch_size=48, shuffle=True)
    net = FerryNet()
    opt = torch.optim.Adam(net.parameters(), lr=4e-3)
    run.watch(net, opt)
    for _epoch in range(16):
        for xb, yb in loader:
            loss = ((net(xb) - yb) ** 2).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"mse": loss})
    with torch.no_grad():
        error = (net(tx[1200:])[:, 0] - ty[1200:]).square().mean() / ty[1200:].var()
    return 1 - error.item()


PROGRAM = Program(train, causes=("shape_broadcast",), by_definition=True)
