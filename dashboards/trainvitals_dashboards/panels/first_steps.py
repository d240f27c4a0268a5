"""The code that makes a first run appear, with this server's address filled in."""

from typing import Any

from dash import html

EXAMPLE = """\
import torch
import trainvitals as tv

model = torch.nn.Sequential(torch.nn.Linear(8, 64), torch.nn.ReLU(), torch.nn.Linear(64, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
criterion = torch.nn.MSELoss()
loader = [(x, x.sum(dim=1, keepdim=True)) for x in torch.randn(500, 32, 8)]

run = tv.init(project="first-steps", server="{server}")
run.watch(model, optimizer, criterion)
for x, y in loader:
    loss = criterion(model(x), y)
    optimizer.zero_grad(); loss.backward(); optimizer.step()
    run.log({{"loss": loss}})
run.finish()
"""
LINES = """\
export TRAINVITALS_SERVER={server}
"""


def example(server: str) -> str:
    """A whole script that works as it stands where PyTorch is installed."""
    return EXAMPLE.format(server=server)


def code(server: str, *, short: bool = False) -> html.Div:
    """The code with a button that copies it."""
    text = LINES.format(server=server) if short else example(server)
    copy = html.Button("Copy", type="button", className="copy", **{"data-copy": text})
    return html.Div([html.Pre(html.Code(text)), copy], className="code")


def first_steps(server: str) -> Any:
    """What `/` shows while there are no runs."""
    return html.Section(
        [
            html.H2("No runs yet"),
            html.P(
                "Paste this into a file and run it: a small network learns to add, and appears here within a second."
            ),
            code(server),
            html.P(
                ["In your own script only the lines with ", html.Code("tv"), " and ", html.Code("run"), " are new."],
                className="quiet",
            ),
        ],
        className="panel first-steps",
    )
