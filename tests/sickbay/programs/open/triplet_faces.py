"""Embeddings by triplets: the margin is soon kept and many losses are zero."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    people = torch.randn(40, 10, generator=g)
    camera = torch.randn(10, 32, generator=g)

    def photos(who):
        z = torch.cat([people[who][:, :7], torch.randn(len(who), 3, generator=g)], 1)
        return torch.tanh(z @ camera / 3) + 0.1 * torch.randn(len(who), 32, generator=g)

    net = nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 16))
    criterion = nn.TripletMarginLoss(margin=0.5)
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    run.watch(net, optimizer, criterion)
    for step in range(350):
        a = torch.randint(40, (48,), generator=g)
        n = (a + torch.randint(1, 40, (48,), generator=g)) % 40
        anchor, positive, negative = (F.normalize(net(photos(w)), dim=1) for w in (a, a, n))
        loss = criterion(anchor, positive, negative)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss})
    with torch.no_grad():
        who = torch.arange(40)
        gallery, probe = F.normalize(net(photos(who)), dim=1), F.normalize(net(photos(who)), dim=1)
        return ((probe @ gallery.T).argmax(1) == who).float().mean().item()


PROGRAM = Program(train)
