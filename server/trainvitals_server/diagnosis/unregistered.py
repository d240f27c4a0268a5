"""Parameters in plain lists and bare tensors: the model does not register them, and no optimizer moves them."""

from collections.abc import Iterator

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_wire.records import Fact

BARE = "Wrap it: self.{0} = nn.Parameter(...), before the optimizer is built, so that model.parameters() has it."
CONTAINED = (
    "Let the model register it before the optimizer is built: nn.ModuleList or nn.ModuleDict for layers, "
    "nn.ParameterList or nn.Parameter for tensors, nn.Module as the base of a class of your own. Where it is to stay "
    "as it is, call requires_grad_(False)."
)


def unregistered(signals: Signals) -> Iterator[Finding]:
    """One finding an attribute; the last fact of each watched model counts, for what moves later is taken back."""
    last: dict[str, Fact] = {fact.get("owner", ""): fact for fact in signals.facts("unregistered")}
    for owner, fact in last.items():
        names: list[str] = fact["details"]["parameters"]
        for attribute in fact["details"]["attributes"]:
            own = [name for name in names if name == attribute or name.startswith(f"{attribute}.")]
            yield _finding(signals, f"{owner}.{attribute}" if owner else attribute, own)


def _finding(signals: Signals, attribute: str, names: list[str]) -> Finding:
    bare = names == [attribute]
    what = "is a bare tensor that gets" if bare else f"holds {len(names)} parameters ({names[0]}, ...) that get"
    why = f"{attribute} {what} a gradient and never moves: the model does not register it, so no optimizer has it"
    return Finding(
        series=signals.loss.key,
        first_step=0,
        last_step=signals.step,
        value=float(len(names)),
        threshold="every parameter with a gradient is in an optimizer",
        summary=why,
        causes=(Cause("not_in_optimizer", why, 0),),
        remedy=BARE.format(attribute.rpartition(".")[2]) if bare else CONTAINED,
        expect="It shows among the layers of the run, and its update ratio is above 0.",
        by_definition=True,
        aspect=f"unregistered {attribute}",
    )
