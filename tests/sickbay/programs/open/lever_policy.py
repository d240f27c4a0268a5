"""Policy gradient with a baseline: which lever to pull, given what is seen."""

import torch
from torch import nn
from torch.distributions import Categorical

from ...program import Program


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine = nn.Linear(6, 48)
        self.action_head = nn.Linear(48, 4)
        self.value_head = nn.Linear(48, 1)

    def forward(self, x):
        h = torch.tanh(self.affine(x))
        return Categorical(logits=self.action_head(h)), self.value_head(h).squeeze(-1)


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    W = torch.randn(6, 4, generator=g)
    model = ActorCritic()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer)
    smoothed = 0.25
    for episode in range(500):
        state = torch.randn(48, 6, generator=g)
        dist, value = model(state)
        action = dist.sample()
        best = (state @ W).argmax(1)
        reward = (action == best).float() + 0.1 * torch.randn(48, generator=g)
        advantage = reward - value.detach()
        policy_loss = -(dist.log_prob(action) * advantage).mean()
        value_loss = (value - reward).pow(2).mean()
        loss = policy_loss + 0.5 * value_loss - 0.01 * dist.entropy().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        smoothed = 0.95 * smoothed + 0.05 * reward.mean().item()
        run.log({"loss": loss.item(), "reward": smoothed})
    with torch.no_grad():
        state = torch.randn(1000, 6, generator=g)
        return (model(state)[0].probs.argmax(1) == (state @ W).argmax(1)).float().mean().item()


PROGRAM = Program(train)
