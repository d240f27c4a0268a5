"""The phase of a forward pass: training, or evaluation."""

from typing import Any


class Phases:
    """Gradients on and training mode is training; a model that is trained in evaluation mode shows it by its steps."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._forward_in_training_mode = False
        self._trains_in_evaluation_mode = False
        self._evaluated_at: int | None = None

    def forward_trains(self, gradients: bool) -> bool:
        """Whether the forward pass that begins is one of training; `gradients`: whether they are on."""
        if gradients and self._root.training:
            self._forward_in_training_mode = True
            self._trains_in_evaluation_mode = False
        return self.trains(gradients)

    @property
    def in_step(self) -> bool:
        """Whether the step being computed has begun with a forward pass in training mode."""
        return self._forward_in_training_mode

    def trains(self, gradients: bool) -> bool:
        """The same, asked in the middle of a forward pass."""
        return gradients and bool(self._root.training or self._trains_in_evaluation_mode)

    def step_done(self) -> None:
        """The optimizer moved without a forward pass in training mode: the model is trained as it is."""
        if not self._forward_in_training_mode:
            self._trains_in_evaluation_mode = True
        self._forward_in_training_mode = False

    def evaluation_due(self, step: int, pause: int) -> bool:
        """Whether this evaluation is sampled: one forward pass of each, as often as training is."""
        return self._evaluated_at is None or step - self._evaluated_at >= pause

    def evaluated(self, step: int) -> None:
        self._evaluated_at = step
