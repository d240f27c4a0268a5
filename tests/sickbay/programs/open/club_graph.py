"""Which club a member belongs to: a graph network on all members at once, few of them labelled."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


class GCN(nn.Module):
    def __init__(self, n_in, n_hidden, n_out):
        super().__init__()
        self.w1, self.w2 = nn.Linear(n_in, n_hidden), nn.Linear(n_hidden, n_out)

    def forward(self, x, adj):
        x = F.relu(adj @ self.w1(x))
        x = F.dropout(x, 0.5, training=self.training)
        return F.log_softmax(adj @ self.w2(x), dim=1)


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    n, k = 300, 4
    club = torch.randint(k, (n,), generator=g)
    same = club[:, None] == club[None]
    edges = torch.rand(n, n, generator=g) < torch.where(same, 0.06, 0.006)
    a = ((edges | edges.T).float() + torch.eye(n)).clamp(max=1)
    d = a.sum(1).rsqrt()
    adj = d[:, None] * a * d[None]
    x = F.one_hot(club, k).float() @ torch.randn(k, 16, generator=g) * 0.6 + torch.randn(n, 16, generator=g)
    train_idx, test_idx = torch.arange(60), torch.arange(120, n)
    model = GCN(16, 24, k)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=5e-4)
    run.watch(model, optimizer)
    for epoch in range(200):
        model.train()
        optimizer.zero_grad()
        output = model(x, adj)
        loss = F.nll_loss(output[train_idx], club[train_idx])
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    model.eval()
    return (model(x, adj)[test_idx].argmax(1) == club[test_idx]).float().mean().item()


PROGRAM = Program(train)
