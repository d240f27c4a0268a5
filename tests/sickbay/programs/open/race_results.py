"""Who wins a race of eight: each horse is scored by the same network, the field by a softmax over horses."""

import torch
from torch import nn

from trainvitals.run import Run

from ...program import Program


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Listwise ranking; luck decides a part."""
    torch.manual_seed(seed)
    horses = torch.randn(2500, 8, 6)
    speed = 2 * horses[..., 0] + horses[..., 1] * horses[..., 2] - horses[..., 3].abs()
    luck = torch.distributions.Gumbel(0.0, 0.5).sample(speed.shape)
    winner = (speed + luck).argmax(1)
    scorer = nn.Sequential(nn.Linear(6, 32), nn.LeakyReLU(0.1), nn.Linear(32, 32), nn.LeakyReLU(0.1), nn.Linear(32, 1))
    opt = torch.optim.Adam(scorer.parameters(), lr=3e-3, betas=(0.9, 0.98))
    run.watch(scorer, opt)
    n = 0
    for _epoch in range(10):
        for rows in torch.randperm(2000).split(50):
            log_p = scorer(horses[rows]).squeeze(-1).log_softmax(1)
            loss = -log_p.gather(1, winner[rows, None]).mean()
            loss.backward()
            opt.step()
            opt.zero_grad()
            n += 1
            if n % 5 == 0:
                run.log({"train/listwise": loss.item()}, step=n)
    return (scorer(horses[2000:]).squeeze(-1).argmax(1) == speed[2000:].argmax(1)).float().mean().item()


PROGRAM = Program(train)
