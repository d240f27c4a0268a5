"""A small transformer encoder sorts letters to the village council by topic."""

import torch
import torch.nn as nn

from ...program import Program

VOCAB, TOPICS, LONGEST = 300, 6, 24


def letters(n, flavour):
    topic = torch.randint(TOPICS, (n,))
    length = torch.randint(10, LONGEST + 1, (n,))
    own = torch.multinomial(flavour[topic], LONGEST, replacement=True)
    common = torch.randint(1, VOCAB, (n, LONGEST))
    tokens = torch.where(torch.rand(n, LONGEST) < 0.45, own, common)
    tokens[torch.arange(LONGEST) >= length[:, None]] = 0
    return tokens, topic


class Sorter(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.embed = nn.Embedding(VOCAB, dim, padding_idx=0)
        self.position = nn.Parameter(0.02 * torch.randn(1, LONGEST, dim))
        layer = nn.TransformerEncoderLayer(dim, 4, 64, dropout=0.1, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, norm=nn.LayerNorm(dim), enable_nested_tensor=False)
        self.classify = nn.Linear(dim, TOPICS)

    def forward(self, tokens):
        pad = tokens == 0
        h = self.encoder(self.embed(tokens) + self.position, src_key_padding_mask=pad)
        keep = (~pad).float().unsqueeze(-1)
        return self.classify((h * keep).sum(1) / keep.sum(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    flavour = torch.zeros(TOPICS, VOCAB)
    for row in flavour:
        row[1 + torch.randperm(VOCAB - 1)[:25]] = 1.0
    tokens, topic = letters(4200, flavour)
    val_tokens, val_topic = letters(800, flavour)

    model = Sorter()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    epochs, batch = 3, 32
    total = epochs * -(-len(tokens) // batch)

    def ramp(s):
        return min((s + 1) / 40, max(0.05, (total - s) / (total - 40)))

    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, ramp)
    run.watch(model, optimizer, criterion)

    for epoch in range(epochs):
        model.train()
        for idx in torch.randperm(len(tokens)).split(batch):
            loss = criterion(model(tokens[idx]), topic[idx])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            run.log({"train_loss": loss.item(), "lr": optimizer.param_groups[0]["lr"]})
        model.eval()
        with torch.no_grad():
            out = model(val_tokens)
        accuracy = (out.argmax(1) == val_topic).float().mean().item()
        run.log({"val_loss": criterion(out, val_topic).item(), "val_accuracy": accuracy})
    return accuracy


PROGRAM = Program(train)
