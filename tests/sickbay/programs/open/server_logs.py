"""Break-ins among the sessions of a server's log, found by a transformer; judged by balanced accuracy."""

import numpy as np
import torch
from torch import nn

from ...program import Program

EVENTS, LEN = 24, 18


def sessions(rng, n, share):
    attack = rng.random(n) < share
    logs = rng.integers(0, EVENTS, (n, LEN))
    for k in range(n):
        hits = rng.binomial(LEN, 0.36 if attack[k] else 0.12)
        logs[k, rng.choice(LEN, hits, replace=False)] = rng.integers(0, 4, hits)
    return torch.tensor(logs), torch.tensor(attack).long()


class LogReader(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.event = nn.Embedding(EVENTS, d)
        self.position = nn.Embedding(LEN, d)
        layer = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.1, batch_first=True, norm_first=True)
        self.layers = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.out = nn.Linear(d, 2)

    def forward(self, logs):
        h = self.event(logs) + self.position.weight
        return self.out(self.layers(h).mean(1))


def balanced(model, logs, attack):
    model.eval()
    with torch.no_grad():
        guess = model(logs).argmax(1)
    model.train()
    return np.mean([(guess[attack == c] == c).float().mean().item() for c in (0, 1)])


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    logs, attack = sessions(rng, 5000, 0.03)
    logs_val, attack_val = sessions(rng, 2000, 0.10)
    model = LogReader()
    weight = None if sick else len(attack) / (2.0 * torch.bincount(attack).float())
    criterion = nn.CrossEntropyLoss(weight=weight)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    for step in range(300):
        idx = torch.from_numpy(rng.integers(0, len(logs), 64))
        out = model(logs[idx])
        loss = criterion(out, attack[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item(), "accuracy": (out.argmax(1) == attack[idx]).float().mean().item()})
    return float(balanced(model, logs_val, attack_val))


PROGRAM = Program(train, causes=("class_imbalance",))
