"""A transformer that reverses sequences: padding, masks, the Noam schedule, label smoothing."""

import torch
from torch import nn

from ...program import Program

VOCABULARY, PAD, BOS, LENGTH = 14, 0, 1, 7


def pairs(n):
    source = torch.randint(2, VOCABULARY, (n, LENGTH))
    lengths = torch.randint(3, LENGTH + 1, (n,))
    target = torch.full((n, LENGTH), PAD)
    for row, length in enumerate(lengths.tolist()):
        source[row, length:] = PAD
        target[row, :length] = source[row, :length].flip(0)
    shifted = torch.cat([torch.full((n, 1), BOS), target[:, :-1]], 1)
    return source, shifted, target


class Seq2Seq(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.embed = nn.Embedding(VOCABULARY, d, padding_idx=PAD)
        self.place = nn.Parameter(0.1 * torch.randn(LENGTH, d))
        self.transformer = nn.Transformer(d, 4, 1, 1, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.generator = nn.Linear(d, VOCABULARY)

    def forward(self, source, shifted):
        mask = nn.Transformer.generate_square_subsequent_mask(LENGTH)
        out = self.transformer(
            self.embed(source) + self.place,
            self.embed(shifted) + self.place,
            tgt_mask=mask,
            src_key_padding_mask=source == PAD,
        )
        return self.generator(out)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    model = Seq2Seq()
    criterion = nn.CrossEntropyLoss(ignore_index=PAD, label_smoothing=0.05)
    optimizer = torch.optim.Adam(model.parameters(), lr=1.0, betas=(0.9, 0.98), eps=1e-9)
    warmup = 80
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: 0.08 * min((s + 1) ** -0.5, (s + 1) * warmup**-1.5)
    )
    run.watch(model, optimizer, criterion)
    for step in range(400):
        source, shifted, target = pairs(32)
        optimizer.zero_grad()
        loss = criterion(model(source, shifted).transpose(1, 2), target)
        loss.backward()
        optimizer.step()
        schedule.step()
        run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        source, shifted, target = pairs(300)
        hit = model(source, shifted).argmax(-1) == target
        return hit[target != PAD].float().mean().item()


PROGRAM = Program(train)
