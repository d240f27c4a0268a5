"""A two-block CNN reads the scikit-learn digits; accuracy on the held-out part after each epoch."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

from ...program import Program


class ChalkNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.fc1 = nn.Linear(32 * 2 * 2, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(x.flatten(1)))
        return self.fc2(x)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    LEARNING_RATE = 0.1 if sick else 1e-3
    BATCH_SIZE = 32
    EPOCHS = 8

    images, targets = load_digits(return_X_y=True)
    images = images.reshape(-1, 1, 8, 8) / 16.0
    x_train, x_val, y_train, y_val = train_test_split(
        images, targets, test_size=0.25, stratify=targets, random_state=seed
    )
    x_train, x_val = torch.FloatTensor(x_train), torch.FloatTensor(x_val)
    y_train, y_val = torch.LongTensor(y_train), torch.LongTensor(y_val)

    model = ChalkNet()
    loss_fn = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    run.watch(model, opt, loss_fn)
    for epoch in range(EPOCHS):
        model.train()
        for idx in torch.randperm(len(x_train)).split(BATCH_SIZE):
            opt.zero_grad()
            loss = loss_fn(model(x_train[idx]), y_train[idx])
            loss.backward()
            opt.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            logits = model(x_val)
            val_acc = (logits.argmax(1) == y_val).float().mean().item()
            run.log({"val_loss": loss_fn(logits, y_val).item(), "val_acc": val_acc})
    return val_acc


PROGRAM = Program(train, causes=("learning_rate_too_high",))
