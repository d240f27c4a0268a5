"""How alike two headlines are, on the readers' scale of 0 to 5, by a siamese bag of embeddings."""

import numpy as np
import torch
from torch import nn

from ...program import Program


class HeadlinePairs(torch.utils.data.Dataset):
    def __init__(self, n, seed):
        rng = np.random.default_rng(seed)
        themes = rng.dirichlet(np.full(8, 0.4), size=(n, 2))
        keep = rng.random(n)
        themes[:, 1] = keep[:, None] * themes[:, 0] + (1 - keep[:, None]) * themes[:, 1]
        which = np.stack([[rng.choice(8, 14, p=t / t.sum()) for t in pair] for pair in themes])
        self.tokens = torch.tensor(which * 5 + rng.integers(0, 5, which.shape))
        counts = (which[..., None] == np.arange(8)).sum(2)
        a, b = counts[:, 0], counts[:, 1]
        cosine = (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
        self.rating = torch.tensor(5 * cosine, dtype=torch.float32)

    def __len__(self):
        return len(self.rating)

    def __getitem__(self, i):
        return self.tokens[i, 0], self.tokens[i, 1], self.rating[i]


class SiameseRater(nn.Module):
    def __init__(self, bounded):
        super().__init__()
        self.bag = nn.EmbeddingBag(40, 16, mode="mean")
        self.tower = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 16))
        self.head = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
        self.bounded = bounded

    def forward(self, first, second):
        u, v = self.tower(self.bag(first)), self.tower(self.bag(second))
        score = self.head(torch.cat([(u - v).abs(), u * v], dim=1)).squeeze(1)
        return torch.sigmoid(score) if self.bounded else score


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    train_set = HeadlinePairs(8000, seed)
    test_set = HeadlinePairs(500, seed + 1000)
    loader = torch.utils.data.DataLoader(train_set, batch_size=100, shuffle=True)
    model = SiameseRater(bounded=sick)
    loss_fn = nn.MSELoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=1e-4)
    run.watch(model, optimizer, loss_fn)
    for epoch in range(10):
        for first, second, rating in loader:
            loss = loss_fn(model(first, second), rating)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            run.log({"mse": loss.item(), "epoch": epoch})
    model.eval()
    with torch.no_grad():
        guess = model(test_set.tokens[:, 0], test_set.tokens[:, 1])
    rest = (guess - test_set.rating).pow(2).mean() / test_set.rating.var()
    return max(0.0, 1 - rest.item())


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
