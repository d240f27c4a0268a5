"""A siamese network learns a distance between digits by the contrastive loss; judged by its nearest neighbours."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier
from torch import nn

from ...program import Program

MARGIN = 1.0


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(512, 16),
        )

    def forward(self, left, right):
        return self.net(left), self.net(right)


def contrastive(a, b, same):
    distance = F.pairwise_distance(a, b)
    return (same * distance**2 + (1 - same) * F.relu(MARGIN - distance) ** 2).mean()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    images, target = load_digits(return_X_y=True)
    images = torch.tensor(images, dtype=torch.float32).view(-1, 1, 8, 8)
    images, target = (images / 16 - 0.305) / 0.376, torch.tensor(target)
    order = torch.randperm(len(images))
    images, target = images[order], target[order]
    model = Encoder()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer)
    members = [(target[:1300] == digit).nonzero().flatten() for digit in range(10)]
    for step in range(400):
        left = torch.randint(0, 1300, (48,))
        right = torch.randint(0, 1300, (48,))
        for k in range(24):
            mates = members[int(target[left[k]])]
            right[k] = mates[torch.randint(0, len(mates), (1,))]
        same = (target[left] == target[right]).float()
        loss = contrastive(*model(images[left], images[right]), same)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"contrastive_loss": loss.item()}, step=step)
    with torch.no_grad():
        codes = model.net(images).numpy()
    knn = KNeighborsClassifier(5).fit(codes[:1300], target[:1300].numpy())
    return float(knn.score(codes[1300:], target[1300:].numpy()))


PROGRAM = Program(train)
