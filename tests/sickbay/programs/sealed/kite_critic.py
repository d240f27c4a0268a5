"""Wasserstein GAN with clipped weights, as in the first paper: RMSprop, five critic steps, corners of a kite."""

import torch
import torch.nn as nn

from ...program import Program


def kite(n, g):
    corners = torch.tensor([[0.0, 1.2], [0.8, 0.0], [0.0, -1.2], [-0.8, 0.0]])
    return corners[torch.randint(0, 4, (n,), generator=g)] + 0.1 * torch.randn(n, 2, generator=g)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    generator = nn.Sequential(nn.Linear(4, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 2))
    critic = nn.Sequential(nn.Linear(2, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
    opt_g = torch.optim.RMSprop(generator.parameters(), lr=1e-3)
    opt_c = torch.optim.RMSprop(critic.parameters(), lr=1e-3)
    run.watch(generator, opt_g, name="G")
    run.watch(critic, opt_c, name="C")
    for step in range(250):
        for _ in range(5):
            loss_c = critic(generator(torch.randn(64, 4)).detach()).mean() - critic(kite(64, g)).mean()
            opt_c.zero_grad()
            loss_c.backward()
            opt_c.step()
            with torch.no_grad():
                for p in critic.parameters():
                    p.clamp_(-0.1, 0.1)
        loss_g = -critic(generator(torch.randn(64, 4))).mean()
        opt_g.zero_grad()
        loss_g.backward()
        opt_g.step()
        run.log({"loss_critic": loss_c.item(), "loss_generator": loss_g.item()})
    with torch.no_grad():
        real, fake = kite(400, g), generator(torch.randn(400, 4))
        return 1 - torch.cdist(real, fake).min(1).values.mean().item() / real.norm(dim=1).mean().item()


PROGRAM = Program(train)
