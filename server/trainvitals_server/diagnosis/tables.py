"""Tables of embeddings whose rows are read past the graph, as by `.weight.data[...]`: they never learn."""

from collections.abc import Iterator

from trainvitals_server.diagnosis.finding import Cause, Finding
from trainvitals_server.diagnosis.network import is_embedding, is_matrix
from trainvitals_server.diagnosis.signals import Signals


def read_past_the_graph(signals: Signals) -> Iterator[Finding]:
    """At most one finding: the model is given indices, and none of its tables is called or has a gradient.

    Indices are of no use but to look rows up; a table beside one that is called may wait for its turn.
    """
    if not str(signals.criterion.get("input_dtype", "")).startswith(("int32", "int64")):
        return
    called, moving = signals.owners("activation_std"), signals.owners("gradient_norm")
    left_out = {parameter["name"] for _, parameter in signals.network.left_out}
    tables = [
        (layer["name"], parameter["name"])
        for layer in signals.network.layers
        if is_embedding(layer)
        for parameter in layer["parameters"]
        if is_matrix(parameter)
    ]
    named = {name for fact in signals.facts("no_gradient") for name in fact.get("parameters", ())}
    silent = all(layer not in called and name in named - moving - left_out for layer, name in tables)
    if not tables or not called or not silent:
        return
    which = tables[0][1] if len(tables) == 1 else f"{tables[0][1]} (and {len(tables) - 1} more)"
    why = f"{which} is neither called nor gets a gradient, though indices go in: its rows are read past the graph"
    yield Finding(
        layer=tables[0][0],
        series=f"gradient_norm/{tables[0][1]}",
        first_step=0,
        last_step=signals.step,
        value=float(len(tables)),
        threshold="every table that is read gets a gradient",
        summary=f"{why[0].upper()}{why[1:]}",
        causes=(Cause("no_gradient", why, 0),),
        remedy="Call the layer, self.embedding(indices), in place of indexing .weight.data or a detached copy.",
        expect="The gradient norm of the table is above 0 from the first step.",
        by_definition=True,
        aspect="tables",
    )
