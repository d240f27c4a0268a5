"""The next character of a made-up text: tokens [n, 24] and the tokens after them [n, 24]."""

import torch

from ..task import Task

SENTENCES, LENGTH = 4000, 24
NOUNS = ("cat", "dog", "child", "robot", "teacher", "sailor")
VERBS = ("sees", "finds", "loves", "carries", "follows")
CHARACTERS = sorted(set(" .the a " + "".join(NOUNS + VERBS)))


def task() -> Task:
    """Sentences of a small grammar, one after another, cut into windows."""
    generator = torch.Generator().manual_seed(9)

    def pick(words: tuple[str, ...]) -> str:
        return words[int(torch.randint(len(words), (), generator=generator))]

    text = " ".join(
        f"{pick(('the', 'a'))} {pick(NOUNS)} {pick(VERBS)} {pick(('the', 'a'))} {pick(NOUNS)}."
        for _ in range(SENTENCES)
    )
    tokens = torch.tensor([CHARACTERS.index(character) for character in text])
    windows = tokens[: len(tokens) // LENGTH * LENGTH].reshape(-1, LENGTH)
    following = tokens[1 : len(windows) * LENGTH + 1].reshape(-1, LENGTH)
    return Task("text", "classes", windows, following, outputs=len(CHARACTERS), batch_size=32)
