"""An empty place on a page that the script fills with a chart."""

from collections.abc import Sequence

from dash import html


def chart_place(
    chart: str, runs: Sequence[str], *, label: str, follows: str = "", height: int = 260, empty_height: int = 0,
    family: str = "", field: str = "", others: Sequence[str] = (),
) -> html.Div:  # fmt: skip
    """A place for `chart`; it is drawn again when one of the view's fields named in `follows` changes.

    `empty_height` is its height while it has nothing to show, in pixels like `height`; `family` fixes the family of
    histograms, which otherwise is the view's. The view's `field` may name one of the `others` to be drawn instead.
    """
    attributes = {
        "data-chart": chart, "data-runs": ",".join(runs), "data-follows": f"{follows} {field}".strip(),
        "data-family": family, "data-field": field, "data-others": " ".join(others),
        "data-empty-height": str(empty_height) if empty_height else "", "data-height": str(height),
    }  # fmt: skip
    return html.Div(
        className="chart",
        role="figure",
        style={"height": f"{height}px"},
        **{"aria-label": label, **{name: value for name, value in attributes.items() if value}},
    )
