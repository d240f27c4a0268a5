"""What deep networks were before residual connections: sigmoid on sigmoid, so that gradients vanish on the way down."""

from collections import OrderedDict

from torch import Tensor, nn


class SigmoidStack(nn.Module):
    """Character numbers [batch, context] to scores of the next character [batch, context, characters].

    Lays the last `seen` characters of each place side by side, and passes them through `depth` sigmoid layers.
    """

    def __init__(self, characters: int, *, seen: int, width: int, depth: int) -> None:
        super().__init__()
        self.seen = seen
        self.token = nn.Embedding(characters, width // seen)
        self.blocks = nn.Sequential(*(_block(width) for _ in range(depth)))
        self.output = nn.Linear(width, characters)

    def forward(self, numbers: Tensor) -> Tensor:
        before = nn.functional.pad(numbers, (self.seen - 1, 0))
        seen = self.token(before).unfold(1, self.seen, 1).flatten(2)
        scores: Tensor = self.output(self.blocks(seen))
        return scores


def _block(width: int) -> nn.Sequential:
    return nn.Sequential(OrderedDict(linear=nn.Linear(width, width), sigmoid=nn.Sigmoid()))
