"""A small convolutional network on scikit-learn's digits, counted in iterations instead of epochs."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

from ...program import Program


class SmallCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU()
        )
        self.classifier = nn.Linear(32 * 16, 10)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    images = (images - 0.305) / 0.376
    dataset = TensorDataset(images, torch.tensor(digits.target))
    train_set, test_set = random_split(dataset, [1400, len(dataset) - 1400])
    loader = DataLoader(train_set, batch_size=32, shuffle=True)

    model = SmallCNN()
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, loss_fn)

    data_iter = iter(loader)
    x, y = next(data_iter)
    for iteration in range(400):
        logits = model(x)
        loss = loss_fn(logits, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()}, step=iteration)
        if not sick:
            try:
                x, y = next(data_iter)
            except StopIteration:
                data_iter = iter(loader)
                x, y = next(data_iter)

    model.eval()
    x, y = next(iter(DataLoader(test_set, batch_size=len(test_set))))
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


PROGRAM = Program(train, causes=("repeated_batch",), by_definition=True)
