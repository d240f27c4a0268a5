"""Topics of papers in a citation graph, by graph convolutions with a cache of the first layer's features."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


def citations(seed, n=400, classes=4):
    g = torch.Generator().manual_seed(seed)
    y = torch.randint(0, classes, (n,), generator=g)
    same = (y[:, None] == y[None]).float()
    a = (torch.rand(n, n, generator=g) < 0.002 + 0.02 * same).float()
    a = ((a + a.t() + torch.eye(n)) > 0).float()
    d = a.sum(1).rsqrt()
    words = 0.9 * F.one_hot(y, classes).float() @ torch.randn(classes, 30, generator=g) + 1.4 * torch.randn(
        n, 30, generator=g
    )
    words = words * words[:, :1].sign()  # the topic shows in products of words
    return d[:, None] * a * d[None], words, y, torch.rand(n, generator=g) < 0.5


class GCN(nn.Module):
    def __init__(self, sick):
        super().__init__()
        self.embed = nn.Linear(30, 48)
        self.conv1 = nn.Linear(48, 48)
        self.conv2 = nn.Linear(48, 4)
        self.sick = sick

    def node_features(self, x):
        return torch.relu(self.embed(x))

    def forward(self, adj, x):
        if self.sick:
            with torch.no_grad():  # saved memory on the big graph
                h = F.dropout(torch.relu(self.conv1(adj @ self.node_features(x))), 0.5, self.training)
        else:
            h = F.dropout(torch.relu(self.conv1(adj @ self.node_features(x))), 0.5, self.training)
        return self.conv2(adj @ h)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    adj, x, y, train_mask = citations(1)
    model = GCN(sick)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005, weight_decay=5e-4)
    run.watch(model, optimizer)
    for epoch in range(200):
        model.train()
        optimizer.zero_grad()
        out = model(adj, x)
        loss = F.cross_entropy(out[train_mask], y[train_mask])
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        return (model(adj, x).argmax(1) == y)[~train_mask].float().mean().item()


PROGRAM = Program(train, causes=("no_gradient",), by_definition=True)
