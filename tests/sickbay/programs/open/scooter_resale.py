"""Log price of used scooters from maker, town and four figures: entity embeddings beside standardised numbers."""

import torch
from torch import nn

from ...program import Program

MAKERS, TOWNS = 24, 15


class ScooterModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.maker = nn.Embedding(MAKERS, 6)
        self.town = nn.Embedding(TOWNS, 4)
        self.mlp = nn.Sequential(
            nn.Linear(6 + 4 + 4, 48),
            nn.ReLU(),
            nn.BatchNorm1d(48),
            nn.Linear(48, 24),
            nn.ReLU(),
            nn.Linear(24, 1),
        )

    def forward(self, cats, nums):
        x = torch.cat([self.maker(cats[:, 0]), self.town(cats[:, 1]), nums], dim=1)
        return self.mlp(x).squeeze(1)


def market(n):
    g = torch.Generator().manual_seed(99)
    maker_value = torch.randn(MAKERS, generator=g) * 0.5
    town_value = torch.randn(TOWNS, generator=g) * 0.2
    cats = torch.stack([torch.randint(0, MAKERS, (n,)), torch.randint(0, TOWNS, (n,))], 1)
    age = torch.rand(n) * 14
    km = age * 2500 * (0.4 + torch.rand(n) * 1.2)
    power = 2 + 10 * torch.rand(n)
    owners = torch.randint(1, 5, (n,)).float()
    log_price = (
        7.6
        + maker_value[cats[:, 0]]
        + town_value[cats[:, 1]]
        - 0.09 * age
        - 1e-5 * km
        + 0.25 * torch.log(power)
        - 0.05 * (owners - 1) * (age < 5)
        + 0.12 * torch.randn(n)
    )
    return cats, torch.stack([age, km, power, owners], 1), log_price


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    cats, nums, target = market(6000)
    cut = 5000
    mean, std = nums[:cut].mean(0), nums[:cut].std(0)
    nums = (nums - mean) / std
    t_mean, t_std = target[:cut].mean(), target[:cut].std()
    target = (target - t_mean) / t_std

    model = ScooterModel()
    criterion = nn.SmoothL1Loss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=1e-3)
    epochs, bs = 8, 100
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=8e-3, epochs=epochs, steps_per_epoch=cut // bs)
    run.watch(model, optimizer, criterion)
    step = 0
    for _ in range(epochs):
        model.train()
        for idx in torch.randperm(cut).split(bs):
            optimizer.zero_grad()
            loss = criterion(model(cats[idx], nums[idx]), target[idx])
            loss.backward()
            optimizer.step()
            schedule.step()
            if step % 10 == 0:
                run.log({"loss": loss.item(), "lr": schedule.get_last_lr()[0]}, step=step)
            step += 1
    model.eval()
    with torch.no_grad():
        rest = (model(cats[cut:], nums[cut:]) - target[cut:]).var() / target[cut:].var()
    return max(0.0, 1 - rest.item())


PROGRAM = Program(train)
