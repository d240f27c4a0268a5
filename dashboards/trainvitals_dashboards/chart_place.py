"""An empty place on a page that the script fills with a chart."""

from collections.abc import Sequence

from dash import html


def chart_place(
    chart: str, runs: Sequence[str], *, label: str, follows: str = "", height: int = 260, family: str = ""
) -> html.Div:
    """A place for `chart`; it is drawn again when one of the view's fields named in `follows` changes.

    `family` fixes the family of histograms, which otherwise is the view's.
    """
    return html.Div(
        className="chart",
        role="figure",
        style={"height": f"{height}px"},
        **{
            "aria-label": label,
            "data-chart": chart,
            "data-runs": ",".join(runs),
            "data-follows": follows,
            **({"data-family": family} if family else {}),
        },
    )
