"""Survival by Cox's partial likelihood over batches in which a third of the patients are still alive."""

import torch
from torch import Tensor, nn

from trainvitals.run import Run

from ...program import Program


class CoxLoss(nn.Module):
    """The negative log partial likelihood, a mean over deaths."""

    def forward(self, risk: Tensor, time: Tensor, died: Tensor) -> Tensor:
        """Risk sets by sorting."""
        order = time.argsort(descending=True)
        risk, died = risk[order], died[order]
        return -((risk - risk.logcumsumexp(0)) * died).sum() / died.sum()


def train(run: Run, *, sick: bool, seed: int) -> float:
    """The score is the concordance on patients held out."""
    torch.manual_seed(seed)
    x = torch.randn(2600, 12)
    hazard = x[:, 0] + 0.8 * x[:, 1].abs() - 0.7 * x[:, 2]
    time = torch.distributions.Exponential(torch.exp(1.3 * hazard)).sample()
    censored_at = torch.distributions.Exponential(torch.tensor(0.5)).sample((2600,))
    died, seen = (time <= censored_at).float(), torch.minimum(time, censored_at)
    model, loss_fn = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 1)), CoxLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.02)
    run.watch(model, optimizer, loss_fn)
    for _epoch in range(15):
        for r in torch.randperm(2000).split(100):
            loss = loss_fn(model(x[r]).squeeze(1), seen[r], died[r])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"cox": loss})
    with torch.no_grad():
        risk = model(x[2000:]).squeeze(1)
    earlier = (seen[2000:, None] < seen[None, 2000:]) & (died[2000:, None] > 0)
    return (risk[:, None] > risk[None])[earlier].float().mean().item()


PROGRAM = Program(train)
