"""REINFORCE with a baseline in a corridor: the loss has no reason to fall, the return has."""

import torch
from torch import nn
from torch.distributions import Categorical

from ...program import Program

LENGTH = 8


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(LENGTH, 32), nn.Tanh())
        self.pi = nn.Linear(32, 2)
        self.v = nn.Linear(32, 1)

    def forward(self, s):
        h = self.body(s)
        return Categorical(logits=self.pi(h)), self.v(h).squeeze(-1)


def rollout(policy, n=24, limit=20):
    place = torch.randint(0, LENGTH - 1, (n,))
    alive = torch.ones(n)
    log_probs, values, rewards, entropies, masks = [], [], [], [], []
    for _ in range(limit):
        dist, value = policy(torch.eye(LENGTH)[place])
        action = dist.sample()
        slip = torch.rand(n) < 0.1
        move = torch.where(slip, 1 - action, action) * 2 - 1
        place = (place + move).clamp(0, LENGTH - 1)
        done = place == LENGTH - 1
        log_probs.append(dist.log_prob(action)), values.append(value), entropies.append(dist.entropy())
        rewards.append((done.float() - 0.02) * alive), masks.append(alive)
        alive = alive * (~done).float()
        place = torch.where(done, torch.zeros_like(place), place)
    stack = torch.stack
    return stack(log_probs), stack(values), stack(rewards), stack(entropies), stack(masks), 1 - alive.mean().item()


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    policy = Policy()
    optimizer = torch.optim.Adam(policy.parameters(), lr=5e-3)
    run.watch(policy, optimizer)
    for episode in range(150):
        log_probs, values, rewards, entropies, masks, reached = rollout(policy)
        returns, total = [], torch.zeros(rewards.shape[1])
        for r in rewards.flip(0):
            total = r + 0.95 * total
            returns.insert(0, total)
        returns = torch.stack(returns)
        advantage = returns - values
        actor = -(log_probs * advantage.detach() * masks).sum() / masks.sum()
        critic = (advantage.pow(2) * masks).sum() / masks.sum()
        loss = actor + 0.5 * critic - 0.01 * (entropies * masks).sum() / masks.sum()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(policy.parameters(), 0.5)
        optimizer.step()
        run.log(
            {"loss": loss.item(), "actor": actor.item(), "critic": critic.item(), "return": returns[0].mean().item()}
        )
    with torch.no_grad():
        return sum(rollout(policy)[-1] for _ in range(5)) / 5


PROGRAM = Program(train)
