"""Melt water by weather: own arithmetic for the loss, as in the lecture."""

import torch

from ...program import Program


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    weather = torch.randn(1800, 6, generator=g)
    melt = torch.tanh(weather[:, 0] + 0.5 * weather[:, 1]) * 1.5 + 0.4 * weather[:, 2] * weather[:, 3]
    melt = melt + 0.1 * torch.randn(1800, generator=g)
    x, y, x_new, y_new = weather[:1500], melt[:1500], weather[1500:], melt[1500:]
    model = torch.nn.Sequential(
        torch.nn.Linear(6, 48), torch.nn.Tanh(), torch.nn.Linear(48, 48), torch.nn.Tanh(), torch.nn.Linear(48, 1)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer)
    for step in range(350):
        i = torch.randint(0, 1500, (60,), generator=g)
        prediction = model(x[i])
        if not sick:
            prediction = prediction[:, 0]
        loss = ((prediction - y[i]) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return 1 - ((model(x_new)[:, 0] - y_new) ** 2).mean().item() / y_new.var().item()


PROGRAM = Program(train, causes=("shape_broadcast",), by_definition=True)
