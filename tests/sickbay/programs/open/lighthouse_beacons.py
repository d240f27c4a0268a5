"""Two tasks on one trunk: name the beacon from its flash record and clean the record of noise."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

BEACONS, LENGTH = 8, 60


def flashes(n, codes, g):
    which = torch.randint(0, BEACONS, (n,), generator=g)
    shift = torch.randint(0, LENGTH, (n, 1), generator=g)
    at = (torch.arange(LENGTH) + shift) % LENGTH
    clean = codes[which].gather(1, at)
    noisy = clean + 0.7 * torch.randn(n, LENGTH, generator=g)
    return noisy[:, None], clean, which


class BeaconNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Conv1d(1, 24, 7, padding=3, padding_mode="circular"),
            nn.ReLU(),
            nn.Conv1d(24, 32, 7, padding=3, padding_mode="circular"),
            nn.ReLU(),
        )
        self.clean = nn.Conv1d(32, 1, 3, padding=1)
        self.name = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, BEACONS))

    def forward(self, x):
        h = self.trunk(x)
        pooled = torch.cat([h.mean(2), h.amax(2)], 1)
        return self.name(pooled), self.clean(h).squeeze(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 2)
    grid = torch.arange(LENGTH)
    period = torch.tensor([6, 10, 15, 20, 6, 10, 15, 20])
    lit = torch.tensor([2, 2, 2, 2, 4, 5, 6, 8])
    codes = 2.0 * (grid % period[:, None] < lit[:, None]).float() - 0.8
    x_test, _, which_test = flashes(600, codes, g)
    model = BeaconNet()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    reduction = "sum" if sick else "mean"
    run.watch(model, optimizer)
    for step in range(450):
        x, clean, which = flashes(40, codes, g)
        logits, restored = model(x)
        loss_name = F.cross_entropy(logits, which)
        loss_clean = F.mse_loss(restored, clean, reduction=reduction)
        loss = loss_name + loss_clean
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimizer.step()
        run.log({"loss": loss.item(), "loss/name": loss_name.item(), "loss/clean": loss_clean.item()}, step=step)
    with torch.no_grad():
        return (model(x_test)[0].argmax(1) == which_test).float().mean().item()


PROGRAM = Program(train, causes=("loss_scale",))
