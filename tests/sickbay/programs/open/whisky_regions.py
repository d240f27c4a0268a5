"""Tasting notes to regions. The schedule follows a blog post: warm up, then decay with the square root."""

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from ...program import Program

BASE_LR, WARMUP = 2e-3, 30


def sqrt_schedule(step, sick):
    factor = min((step + 1) / WARMUP, (WARMUP / (step + 1)) ** 0.5)
    return BASE_LR * factor if sick else factor


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    centres = torch.randn(6, 24, generator=torch.Generator().manual_seed(3))
    labels = torch.randint(0, 6, (2400,))
    notes = 0.45 * centres[labels] + torch.randn(2400, 24) * 0.7
    train_x, train_y, test_x, test_y = notes[:2000], labels[:2000], notes[2000:], labels[2000:]
    net = nn.Sequential(nn.Linear(24, 96), nn.GELU(), nn.Linear(96, 96), nn.GELU(), nn.Linear(96, 6))
    opt = torch.optim.AdamW(net.parameters(), lr=BASE_LR, weight_decay=0.01)
    sched = LambdaLR(opt, lambda step: sqrt_schedule(step, sick))
    loss_fn = nn.CrossEntropyLoss()
    run.watch(net, opt, loss_fn)
    for epoch in range(5):
        for batch in torch.randperm(2000).split(50):
            loss = loss_fn(net(train_x[batch]), train_y[batch])
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
            sched.step()
            run.log({"train/loss": loss, "lr": sched.get_last_lr()[0]})
        with torch.no_grad():
            out = net(test_x)
            run.log({"test/loss": loss_fn(out, test_y), "test/acc": (out.argmax(1) == test_y).float().mean()})
    with torch.no_grad():
        return (net(test_x).argmax(1) == test_y).float().mean().item()


PROGRAM = Program(train, causes=("learning_rate_too_low",))
