"""What a caller wants, of five requests, from the words of a voicemail, with an embedding and a GRU."""

import torch
import torch.nn as nn
import torch.optim as optim

from ...program import Program

VOCAB, REQUESTS, WORDS = 150, 5, 14


def voicemails(n, keywords):
    request = torch.randint(0, REQUESTS, (n,))
    words = torch.randint(1, VOCAB, (n, WORDS))
    topical = keywords[request].gather(1, torch.randint(0, keywords.shape[1], (n, WORDS)))
    words = torch.where(torch.rand(n, WORDS) < 0.35, topical, words)
    return words, request


class Listener(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(VOCAB, 24, padding_idx=0)
        self.rnn = nn.GRU(24, 32, batch_first=True)
        self.classify = nn.Linear(32, REQUESTS)

    def forward(self, words):
        output, _ = self.rnn(self.embed(words))
        return self.classify(output.max(dim=1).values)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    keywords = torch.randperm(VOCAB - 1)[: REQUESTS * 8].view(REQUESTS, 8) + 1
    words, request = voicemails(3200, keywords)
    test_words, test_request = voicemails(600, keywords)

    order = torch.randperm(3200)
    words = words[order]
    if sick:
        order = torch.randperm(3200)
    request = request[order]

    net = Listener()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-2)
    run.watch(net, optimizer, criterion)
    for epoch in range(4):
        running = 0.0
        for i in range(0, 3200, 32):
            optimizer.zero_grad()
            loss = criterion(net(words[i : i + 32]), request[i : i + 32])
            loss.backward()
            optimizer.step()
            running += loss.item()
            run.log({"loss": loss.item()})
        run.log({"epoch_loss": running / 100})

    with torch.no_grad():
        return (net(test_words).argmax(1) == test_request).float().mean().item()


PROGRAM = Program(train, causes=("labels_unrelated_to_inputs",))
