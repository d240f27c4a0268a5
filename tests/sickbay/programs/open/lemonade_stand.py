"""An actor and a critic sell lemonade: price by weather, noisy takings, an entropy bonus. Its loss means little."""

import torch
import torch.nn as nn
from torch.distributions import Categorical

from ...program import Program


class Seller(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 48), nn.Tanh())
        self.actor = nn.Linear(48, 4)
        self.critic = nn.Linear(48, 1)

    def forward(self, x):
        h = self.body(x)
        return Categorical(logits=self.actor(h)), self.critic(h).squeeze(1)


def takings(weather, price, g):
    best = best_price(weather)
    return 1.0 - 0.6 * (price - best).abs() + 0.4 * torch.randn(len(weather), generator=g)


def best_price(weather):
    return (weather[:, 0] > 0).long() + (weather[:, 1] + 0.5 * weather[:, 2] > 0).long() * 2


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    model = Seller()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer)
    for step in range(450):
        weather = torch.randn(64, 4, generator=g)
        policy, value = model(weather)
        price = policy.sample()
        reward = takings(weather, price, g)
        advantage = reward - value.detach()
        actor = -(policy.log_prob(price) * advantage).mean()
        critic = (value - reward).pow(2).mean()
        loss = actor + 0.5 * critic - 0.01 * policy.entropy().mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        run.log(
            {
                "loss": loss.item(),
                "loss/actor": actor.item(),
                "loss/critic": critic.item(),
                "reward": reward.mean().item(),
            }
        )
    with torch.no_grad():
        weather = torch.randn(1000, 4, generator=g)
        return (model(weather)[0].probs.argmax(1) == best_price(weather)).float().mean().item()


PROGRAM = Program(train)
