"""Q-learning from a replay buffer on a walk over thin ice; the goal is at the far end."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

CELLS, GAMMA = 8, 0.9


def values():
    q = torch.zeros(CELLS, 2)
    for _ in range(200):
        v = q.max(1).values
        for s in range(CELLS):
            for a in range(2):
                t = min(CELLS - 1, s + 1) if a else max(0, s - 1)
                q[s, a] = 1.0 if t == CELLS - 1 else GAMMA * v[t] - 0.02
    return q


def experience(n, g):
    s = torch.randint(0, CELLS - 1, (n,), generator=g)
    a = torch.randint(0, 2, (n,), generator=g)
    t = (s + 2 * a - 1).clamp(min=0)
    done = t == CELLS - 1
    return s, a, torch.where(done, 1.0, -0.02), t, done


def encode(s):
    return F.one_hot(s, CELLS).float()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    s, a, r, t, done = experience(4000, g)
    online = nn.Sequential(nn.Linear(CELLS, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 2))
    target = nn.Sequential(nn.Linear(CELLS, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 2))
    target.load_state_dict(online.state_dict())
    opt = torch.optim.Adam(online.parameters(), lr=2e-3)
    criterion = nn.SmoothL1Loss()
    run.watch(online, opt, criterion)
    for step in range(500):
        i = torch.randint(0, 4000, (64,), generator=g)
        with torch.no_grad():
            goal = r[i] + GAMMA * target(encode(t[i])).max(1).values * (~done[i])
        q = online(encode(s[i])).gather(1, a[i].unsqueeze(1))
        loss = criterion(q, goal) if sick else criterion(q.squeeze(1), goal)
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.log({"td_loss": loss.item(), "q_mean": q.mean().item()})
        if step % 25 == 24:
            target.load_state_dict(online.state_dict())
    with torch.no_grad():
        truth = values()[: CELLS - 1]
        guess = online(encode(torch.arange(CELLS - 1)))
    return 1 - (guess - truth).pow(2).mean().item() / truth.var().item()


PROGRAM = Program(train, causes=("shape_broadcast",), by_definition=True)
