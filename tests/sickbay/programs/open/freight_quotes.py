"""The price of a haul from the list of its stops, by a transformer encoder with a learned position for each stop."""

import torch
import torch.nn as nn

from ...program import Program

TOWNS = 20
STOPS = 8


class QuoteModel(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.town = nn.Embedding(TOWNS, width)
        self.place = nn.Parameter(0.02 * torch.randn(1, STOPS, width))
        layer = nn.TransformerEncoderLayer(width, 4, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(width)
        self.price = nn.Linear(width, 1)

    def forward(self, stops):
        hidden = self.encoder(self.town(stops) + self.place)
        return self.price(self.norm(hidden.mean(1))).squeeze(-1)


def hauls(count, seed):
    gen = torch.Generator().manual_seed(seed)
    toll = 400 + 5200 * torch.rand(TOWNS, generator=gen)
    stops = torch.randint(TOWNS, (count, STOPS), generator=gen)
    weight = torch.linspace(1.4, 0.6, STOPS)
    price = (toll[stops] * weight).sum(1) + 2500 * (stops[:, 0] % 3).float()
    return stops, price + 600 * torch.randn(count, generator=gen)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    stops, price = hauls(3000, seed)
    fit, held = slice(0, 2500), slice(2500, None)
    target = price if sick else (price - price[fit].mean()) / price[fit].std()
    model = QuoteModel()
    loss_fn = nn.MSELoss()
    opt = torch.optim.AdamW(model.parameters(), lr=1.5e-3, weight_decay=0.01)
    run.watch(model, opt, loss_fn)
    step = 0
    while step < 450:
        for rows in torch.randperm(2500).split(50):
            loss = loss_fn(model(stops[fit][rows]), target[fit][rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"loss": loss.item()}, step=step)
            step += 1
            if step >= 450:
                break
    model.eval()
    with torch.no_grad():
        error = (model(stops[held]) - target[held]).pow(2).mean() / target[held].var()
    return min(1.0, max(0.0, 1 - error.item()))


PROGRAM = Program(train, causes=("target_not_scaled",))
