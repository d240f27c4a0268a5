"""Four kinds of skylark phrase of unequal length: a packed GRU in tiny batches, clipped, under bfloat16 autocast."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

from ...program import Program


def phrases(n, g):
    songs, kinds = [], torch.randint(0, 4, (n,), generator=g)
    for kind in kinds.tolist():
        length = int(torch.randint(6, 20, (1,), generator=g))
        t = torch.arange(length).float()
        slide = (0.15 if kind % 2 else -0.15) * (t - length / 2)
        beat = torch.sin(t * (2.2 if kind // 2 else 0.9) + 6.28 * torch.rand(1, generator=g))
        songs.append(torch.stack([slide, beat], 1) + 0.35 * torch.randn(length, 2, generator=g))
    return songs, kinds


class Songbook(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, 28, batch_first=True)
        for name, p in self.gru.named_parameters():
            if "weight_hh" in name:
                for block in p.data.chunk(3):
                    nn.init.orthogonal_(block)
        self.out = nn.Linear(28, 4)

    def forward(self, songs):
        length = torch.tensor([len(s) for s in songs])
        packed = pack_padded_sequence(
            pad_sequence(songs, batch_first=True), length, batch_first=True, enforce_sorted=False
        )
        _, state = self.gru(packed)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return self.out(state[-1]).float()


def train(run, *, sick=False, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 40)
    songs, kinds = phrases(1500, g)
    model = Songbook()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 700)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for step in range(700):
        rows = torch.randint(0, 1200, (8,), generator=g)
        loss = criterion(model([songs[i] for i in rows.tolist()]), kinds[rows])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        run.log({"loss": loss.item()}, step=step)
    with torch.no_grad():
        return (model(songs[1200:]).argmax(1) == kinds[1200:]).float().mean().item()


PROGRAM = Program(train)
