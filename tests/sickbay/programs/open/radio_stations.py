"""Who likes which station: factors of listeners and stations with biases, a dot product and decay."""

import torch
from torch import Tensor, nn

from trainvitals.run import Run

from ...program import Program


class Factors(nn.Module):
    """Dot product and two biases."""

    def __init__(self, users: int, items: int, rank: int) -> None:
        super().__init__()
        self.user, self.item = nn.Embedding(users, rank), nn.Embedding(items, rank)
        self.user_bias, self.item_bias = nn.Embedding(users, 1), nn.Embedding(items, 1)
        for e in (self.user, self.item):
            nn.init.normal_(e.weight, std=0.3)
        for e in (self.user_bias, self.item_bias):
            nn.init.zeros_(e.weight)

    def forward(self, u: Tensor, i: Tensor) -> Tensor:
        """A rating around zero."""
        return (self.user(u) * self.item(i)).sum(1) + (self.user_bias(u) + self.item_bias(i)).squeeze(1)


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Eighty listeners, sixty stations, nine tenths of the ratings."""
    torch.manual_seed(seed)
    truth = torch.randn(80, 3) @ torch.randn(60, 3).T / 1.7 + 0.5 * torch.randn(80, 1) + 0.5 * torch.randn(1, 60)
    pairs = torch.cartesian_prod(torch.arange(80), torch.arange(60))[torch.randperm(4800)]
    rating = truth[pairs[:, 0], pairs[:, 1]] + 0.2 * torch.randn(4800)
    model, mse = Factors(80, 60, 6), nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    run.watch(model, optimizer, mse)
    for _epoch in range(8):
        for rows in torch.randperm(4300).split(96):
            loss = mse(model(pairs[rows, 0], pairs[rows, 1]), rating[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"rmse": loss.item() ** 0.5, "loss": loss.item()})
    rest, held = pairs[4300:], rating[4300:]
    with torch.no_grad():
        return 1 - ((model(rest[:, 0], rest[:, 1]) - held).square().mean() / held.var()).item()


PROGRAM = Program(train)
