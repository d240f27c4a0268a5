"""Wasserstein GAN with a gradient penalty for the two handles of a pot: four critic steps for one of the generator."""

import torch
import torch.nn as nn

from ...program import Program


def pots(n, g):
    side = torch.randint(0, 2, (n, 1), generator=g).float() * 2 - 1
    t = 3.14 * torch.rand(n, 1, generator=g)
    return torch.cat([side * (1 + 0.5 * t.sin()), t.cos()], 1) + 0.05 * torch.randn(n, 2, generator=g)


def penalty(critic, real, fake):
    mix = torch.rand(len(real), 1)
    between = (mix * real + (1 - mix) * fake).requires_grad_(True)
    slope = torch.autograd.grad(critic(between).sum(), between, create_graph=True)[0]
    return (slope.norm(dim=1) - 1).pow(2).mean()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    gen = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
    critic = nn.Sequential(nn.Linear(2, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
    opt_g = torch.optim.Adam(gen.parameters(), lr=1e-3, betas=(0.0, 0.9))
    opt_c = torch.optim.Adam(critic.parameters(), lr=1e-3, betas=(0.0, 0.9))
    run.watch(critic, opt_c, name="critic")
    run.watch(gen, opt_g, name="generator")
    for step in range(600):
        real = pots(96, g)
        fake = gen(torch.randn(96, 4))
        gap = critic(fake.detach()).mean() - critic(real).mean()
        loss_c = gap + 2 * penalty(critic, real, fake.detach())
        opt_c.zero_grad()
        loss_c.backward()
        opt_c.step()
        run.log({"critic/loss": loss_c.item(), "critic/distance": -gap.item()})
        if step % 4 == 3:
            loss_g = -critic(gen(torch.randn(96, 4))).mean()
            opt_g.zero_grad()
            loss_g.backward()
            opt_g.step()
            run.log({"generator/loss": loss_g.item()})
    with torch.no_grad():
        real, fake = pots(500, g), gen(torch.randn(500, 4))
        return (
            1
            - torch.cdist(real, fake).min(1).values.mean().item() / torch.cdist(real, real.mean(0)[None]).mean().item()
        )


PROGRAM = Program(train)
