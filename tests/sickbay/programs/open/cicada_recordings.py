"""Which of eight cicadas sings, from short recordings kept in one folder for each kind, by a 1-D CNN."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

KINDS = 8


def sing(rng, kind, n, length=128):
    t = np.arange(length)[None]
    pitch = (0.12 + 0.055 * (kind % 4)) * rng.uniform(0.97, 1.03, (n, 1))
    beat = (12, 24)[kind // 4] * rng.uniform(0.95, 1.05, (n, 1))
    wave = np.sin(2 * np.pi * pitch * t + rng.uniform(0, 6.3, (n, 1)))
    pulse = 0.5 + 0.5 * np.sign(np.sin(2 * np.pi * t / beat + rng.uniform(0, 6.3, (n, 1))))
    song = wave * pulse + 0.45 * rng.normal(size=(n, length))
    return (song / song.std(1, keepdims=True)).astype(np.float32)


class SongNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv1d(1, 16, 9, stride=2, padding=4)
        self.c2 = nn.Conv1d(16, 32, 7, stride=2, padding=3)
        self.c3 = nn.Conv1d(32, 32, 5, stride=2, padding=2)
        self.fc = nn.Linear(64, KINDS)

    def forward(self, x):
        x = F.relu(self.c1(x[:, None]))
        x = F.relu(self.c2(x))
        x = F.relu(self.c3(x))
        return self.fc(torch.cat([x.mean(-1), x.amax(-1)], 1))


def batches(folders, rng, sick, size=32):
    if sick:
        for kind in rng.permutation(np.repeat(np.arange(KINDS), 8)):
            pick = rng.choice(len(folders[kind]), size, replace=False)
            yield torch.from_numpy(folders[kind][pick]), torch.full((size,), int(kind))
    else:
        songs = np.concatenate(folders)
        kinds = np.repeat(np.arange(KINDS), [len(f) for f in folders])
        for pick in np.array_split(rng.permutation(len(songs)), len(songs) // size):
            yield torch.from_numpy(songs[pick]), torch.from_numpy(kinds[pick])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    folders = [sing(rng, kind, 256) for kind in range(KINDS)]
    test = torch.from_numpy(np.concatenate([sing(rng, kind, 60) for kind in range(KINDS)]))
    truth = torch.arange(KINDS).repeat_interleave(60)

    net = SongNet()
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.8)
    criterion = nn.CrossEntropyLoss()
    run.watch(net, opt, criterion)
    for epoch in range(8):
        for song, kind in batches(folders, rng, sick):
            opt.zero_grad()
            out = net(song)
            loss = criterion(out, kind)
            loss.backward()
            opt.step()
            run.log({"loss": loss.item(), "accuracy": (out.argmax(1) == kind).float().mean().item()})
    with torch.no_grad():
        return (net(test).argmax(1) == truth).float().mean().item()


PROGRAM = Program(train, causes=("single_label_batches",))
