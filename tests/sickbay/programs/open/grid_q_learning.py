"""Deep Q-learning on a small grid, with replay and a target network."""

import copy

import torch
from torch import nn

from ...program import Program

MOVES = torch.tensor([[0, 1], [0, -1], [1, 0], [-1, 0]])


def move(pos, action, goal):
    new = (pos + MOVES[action]).clamp(0, 4)
    done = (new == goal).all(1)
    return new, done


def see(pos):
    return nn.functional.one_hot(pos[:, 0] * 5 + pos[:, 1], 25).float()


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    goal = torch.tensor([4, 4])
    q = nn.Sequential(nn.Linear(25, 64), nn.ReLU(), nn.Linear(64, 4))
    target = copy.deepcopy(q)
    loss_fn = nn.SmoothL1Loss()
    optimizer = torch.optim.Adam(q.parameters(), lr=2e-3)
    run.watch(q, optimizer, loss_fn)
    for step in range(500):
        pos = torch.randint(5, (64, 2), generator=g)
        action = torch.randint(4, (64,), generator=g)
        new, done = move(pos, action, goal)
        with torch.no_grad():
            y = done.float() + 0.9 * (~done).float() * target(see(new)).max(1).values
        loss = loss_fn(q(see(pos)).gather(1, action[:, None]).squeeze(1), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 25 == 24:
            target.load_state_dict(q.state_dict())
        run.log({"loss": loss.item(), "q": y.mean().item()})
    with torch.no_grad():
        pos = torch.cartesian_prod(torch.arange(5), torch.arange(5))[:-1]
        arrived = torch.zeros(24, dtype=torch.bool)
        for _ in range(8):
            pos, done = move(pos, q(see(pos)).argmax(1), goal)
            arrived |= done
            pos = torch.where(arrived[:, None], goal, pos)
    return arrived.float().mean().item()


PROGRAM = Program(train)
