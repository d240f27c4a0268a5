"""Actor and critic in a dark corridor: go to the lamp that is seen, step by step; entropy bonus, Adam."""

import torch
import torch.nn as nn
from torch.distributions import Categorical

from ...program import Program

N = 32


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh())
        self.pi, self.v = nn.Linear(48, 4), nn.Linear(48, 1)

    def forward(self, s):
        h = self.body(s)
        return Categorical(logits=self.pi(h)), self.v(h).squeeze(-1)


MOVES = torch.tensor([[0.25, 0.0], [-0.25, 0.0], [0.0, 0.25], [0.0, -0.25]])


def play(net, g, steps=8):
    place, lamp = 2 * torch.rand(2, N, 2, generator=g) - 1
    logp, values, rewards, entropy = [], [], [], 0.0
    for _ in range(steps):
        dist, v = net(torch.cat([place, lamp], 1))
        action = dist.sample()
        before = (place - lamp).norm(dim=1)
        place = (place + MOVES[action]).clamp(-1, 1)
        rewards.append(4 * (before - (place - lamp).norm(dim=1)))
        logp.append(dist.log_prob(action))
        values.append(v)
        entropy = entropy + dist.entropy().mean() / steps
    returns, R = [], torch.zeros(N)
    for r in reversed(rewards):
        R = r + 0.9 * R
        returns.insert(0, R)
    return torch.stack(logp), torch.stack(values), torch.stack(returns), torch.stack(rewards).sum(0).mean(), entropy


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    net = ActorCritic()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    run.watch(net, opt)
    recent = []
    for update in range(350):
        logp, values, returns, reward, entropy = play(net, g)
        advantage = returns - values.detach()
        loss = -(logp * advantage).mean() + 0.5 * (returns - values).pow(2).mean() - 0.01 * entropy
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 0.5)
        opt.step()
        recent.append(reward.item())
        run.log({"reward": reward.item(), "loss": loss.item(), "entropy": entropy.item()})
    return sum(recent[-40:]) / 40 / 4.0


PROGRAM = Program(train)
