"""A runner in a corridor of rooms learns by Q-learning; each step costs a little, the door pays one."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

ROOMS, COST = 7, 0.1


def walk(n, g):
    room = torch.randint(0, ROOMS, (n,), generator=g)
    go = torch.randint(0, 2, (n,), generator=g)
    there = room + 2 * go - 1
    done = there >= ROOMS
    return room, go, torch.where(done, 1.0, -COST), there.clamp(0, ROOMS - 1), done


def one_hot(room):
    return F.one_hot(room, ROOMS).float()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    room, go, reward, there, done = walk(5000, g)
    net = nn.Sequential(nn.Linear(ROOMS, 64), nn.ReLU(), nn.Linear(64, 2))
    optimizer = torch.optim.RMSprop(net.parameters(), lr=2e-3)
    run.watch(net, optimizer)
    for step in range(600):
        i = torch.randint(0, 5000, (64,), generator=g)
        q = net(one_hot(room[i])).gather(1, go[i][:, None]).squeeze(1)
        with torch.no_grad():
            after = net(one_hot(there[i])).max(1).values
            goal = reward[i] + (after if sick else after * (~done[i]))
        loss = F.mse_loss(q, goal)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"td": loss.item(), "q": q.mean().item()})
    truth = 1 - COST * (ROOMS - 1 - torch.arange(ROOMS))
    with torch.no_grad():
        guess = net(one_hot(torch.arange(ROOMS)))[:, 1]
    return 1 - (guess - truth).pow(2).mean().item() / truth.var().item()


PROGRAM = Program(train, causes=("diverging",))
