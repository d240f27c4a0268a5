"""Five kinds of waves in noise: [n, 24, 3] and labels [n]."""

import torch

from ..task import Task, standardised

SAMPLES, LENGTH, CHANNELS, KINDS = 1500, 24, 3, 5


def task() -> Task:
    """Sine waves whose frequency tells the kind; phase and height are chance."""
    generator = torch.Generator().manual_seed(7)
    labels = torch.randint(KINDS, (SAMPLES,), generator=generator)
    phase = torch.rand(SAMPLES, 1, CHANNELS, generator=generator) * 6.28
    height = 0.5 + torch.rand(SAMPLES, 1, CHANNELS, generator=generator)
    angle = torch.arange(LENGTH)[None, :, None] * (0.25 + 0.3 * labels[:, None, None]) + phase
    noise = 0.4 * torch.randn(SAMPLES, LENGTH, CHANNELS, generator=generator)
    return Task("waves", "classes", standardised(height * angle.sin() + noise), labels, outputs=KINDS)
