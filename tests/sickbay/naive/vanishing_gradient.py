"""The first weight matrix's gradient norm below a thousandth of the last one's."""

from ..naive_record import NaiveRecord, first_step

CAUSE = "vanishing_gradient"


def fires(record: NaiveRecord) -> int | None:
    """The first step at which both are known."""
    norms = [found for _, found in record.matrices("gradient_norm")]
    if len(norms) < 2 or len(norms[0][1]) != len(norms[-1][1]):
        return None
    return first_step(norms[0], norms[0][1] < 1e-3 * norms[-1][1])
