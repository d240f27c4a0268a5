"""Is a bearing about to come loose? A one-layer transformer over forty vibration readings."""

import torch
import torch.nn.functional as F
from sklearn.metrics import balanced_accuracy_score
from torch import nn

from ...program import Program


def readings(n, loose_share, g):
    loose = torch.rand(n, generator=g) < loose_share
    t = torch.arange(40.0)
    hum = torch.sin(0.9 * t + 6.28 * torch.rand(n, 1, generator=g))
    rattle = (torch.rand(n, 40, generator=g) < 0.16).float() * (0.6 + torch.rand(n, 40, generator=g))
    quiet = (torch.rand(n, 40, generator=g) < 0.05).float() * (0.6 + torch.rand(n, 40, generator=g))
    x = hum + 0.4 * torch.randn(n, 40, generator=g)
    strength = torch.where(loose[:, None], rattle, quiet)
    return torch.stack([x, strength + 0.25 * torch.randn(n, 40, generator=g)], -1), loose.float()


class BearingTransformer(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.project = nn.Linear(2, d)
        self.position = nn.Parameter(0.02 * torch.randn(1, 40, d))
        self.layer = nn.TransformerEncoderLayer(d, 4, 48, dropout=0.0, batch_first=True, norm_first=True)
        self.norm = nn.LayerNorm(d)
        self.alarm = nn.Linear(d, 1)

    def forward(self, x):
        h = self.layer(self.project(x) + self.position)
        return self.alarm(self.norm(h.mean(1))).squeeze(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 3)
    x, y = readings(5000, 0.03, g)
    x_test, y_test = readings(1500, 0.1, g)
    scale = x.std((0, 1))
    x, x_test = x / scale, x_test / scale
    model = BearingTransformer()
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, opt)
    if sick:
        sampler = None
    else:
        weights = torch.where(y > 0, 1 / y.mean(), 1 / (1 - y.mean()))
        sampler = torch.utils.data.WeightedRandomSampler(weights.tolist(), len(y))
    data = torch.utils.data.TensorDataset(x, y)
    loader = torch.utils.data.DataLoader(data, batch_size=50, shuffle=sampler is None, sampler=sampler)
    for epoch in range(3):
        correct = 0
        for xb, yb in loader:
            logit = model(xb)
            loss = F.binary_cross_entropy_with_logits(logit, yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            correct += ((logit > 0).float() == yb).sum().item()
            run.log({"loss": loss.item()})
        run.log({"epoch": epoch, "accuracy": correct / len(y)})
    model.eval()
    with torch.no_grad():
        guess = (model(x_test) > 0).numpy()
    return 2 * balanced_accuracy_score(y_test.numpy(), guess) - 1


PROGRAM = Program(train, causes=("class_imbalance",))
