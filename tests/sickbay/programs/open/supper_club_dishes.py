"""How well a dish will be liked and whether it will be sold out, two tasks from one embedding of dish and cook."""

import torch
import torch.nn as nn

from ...program import Program

DISHES, COOKS = 120, 30


class SupperClub(nn.Module):
    def __init__(self):
        super().__init__()
        self.dish = nn.Embedding(DISHES, 8)
        self.cook = nn.Embedding(COOKS, 4)
        self.trunk = nn.Sequential(nn.Linear(8 + 4 + 2, 48), nn.ReLU(), nn.Linear(48, 32), nn.ReLU())
        self.liking = nn.Linear(32, 1)
        self.sold_out = nn.Linear(32, 1)

    def forward(self, dish, cook, evening):
        z = self.trunk(torch.cat([self.dish(dish), self.cook(cook), evening], dim=1))
        return self.liking(z).squeeze(1), self.sold_out(z).squeeze(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    n = 6000
    taste, talent = torch.randn(DISHES), torch.randn(COOKS)
    dish, cook, evening = torch.randint(0, DISHES, (n,)), torch.randint(0, COOKS, (n,)), torch.randn(n, 2)
    liking = taste[dish] + 0.8 * talent[cook] + 0.3 * evening[:, 0] + 0.3 * torch.randn(n)
    liking = (liking - liking.mean()) / liking.std()
    sold = (taste[dish] - 0.6 * talent[cook] + 0.5 * evening[:, 1] + 0.3 * torch.randn(n) > 0).float()

    model = SupperClub()
    if sick:
        groups = [model.trunk, model.liking, model.sold_out]
    else:
        groups = [model.dish, model.cook, model.trunk, model.liking, model.sold_out]
    optimizer = torch.optim.Adam([p for part in groups for p in part.parameters()], lr=4e-3)
    mse, bce = nn.MSELoss(), nn.BCEWithLogitsLoss()
    run.watch(model, optimizer)

    train_rows, test_rows = torch.arange(5000), torch.arange(5000, n)
    for epoch in range(6):
        for i in train_rows[torch.randperm(5000)].split(100):
            like_hat, sold_hat = model(dish[i], cook[i], evening[i])
            like_loss, sold_loss = mse(like_hat, liking[i]), bce(sold_hat, sold[i])
            loss = like_loss + sold_loss
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "loss/liking": like_loss.item(), "loss/sold_out": sold_loss.item()})

    with torch.no_grad():
        i = test_rows
        like_hat, sold_hat = model(dish[i], cook[i], evening[i])
        explained = 1 - mse(like_hat, liking[i]).item() / liking[i].var().item()
        right = ((sold_hat > 0) == sold[i].bool()).float().mean().item()
    return 0.5 * max(0.0, explained) + 0.5 * right


PROGRAM = Program(train, causes=("not_in_optimizer",), by_definition=True)
