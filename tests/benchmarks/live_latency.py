"""How long a value takes from the script to the screen: `python tests/benchmarks/live_latency.py`.

A real server on SQLite, a real Chromium on the run page of a network of 60 layers; a script sends one report at a time
and the page is asked, frame by frame, when plotly has drawn its step. Prints the median and the 95th percentile.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "browser"))

from browser import Viewer, launch
from script import Script
from serving import serving

LAYERS = 60
STEPS_BEFORE = 300
WATCH_FRAMES = """() => {
    window.drawnAt = new Map();
    (function look() {
        const trace = document.querySelector('[data-chart=loss] .plot')._fullData[0];
        const step = trace.x[trace.x.length - 1];
        if (!window.drawnAt.has(step)) window.drawnAt.set(step, Date.now());
        window.requestAnimationFrame(look);
    })();
}"""


def latencies(window: Viewer, run: Script, count: int, gap_seconds: float) -> list[float]:
    """Milliseconds from the moment a report is sent to the frame after plotly drew it, for `count` reports."""
    window.open(run.path)
    window.until("() => document.querySelector('[data-live]').dataset.live === 'live'")
    window.page.wait_for_timeout(1500)
    window.page.evaluate(WATCH_FRAMES)
    sent: dict[int, float] = {}
    for step in range(STEPS_BEFORE, STEPS_BEFORE + count):
        sent[step] = time.time()
        run.log(step, step)
        window.page.wait_for_timeout(gap_seconds * 1000)
    last = STEPS_BEFORE + count - 1
    window.until("(step) => window.drawnAt.has(step)", last)
    drawn = dict(window.page.evaluate("() => [...window.drawnAt]"))
    # A step drawn in the same frame as a later one is missing here; its own frame is that of the next one drawn.
    drawn_steps = sorted(drawn)
    return [1000 * -sent[step] + drawn[min(other for other in drawn_steps if other >= step)] for step in sent]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="reports to send")
    parser.add_argument("--gap", type=float, default=0.13, help="seconds between two reports")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as address, sync_playwright() as playwright:
        run = Script(address, layers=LAYERS)
        run.log(0, STEPS_BEFORE - 1, histograms=True)
        browser = launch(playwright)
        window = Viewer(browser, address)
        found = latencies(window, run, chosen.count, chosen.gap)
        window.close()
        browser.close()
        run.client.close()
    p50, p95 = np.percentile(found, [50, 95])
    print(f"value sent -> drawn, {LAYERS} layers, {len(found)} values: p50 {p50:.0f} ms, p95 {p95:.0f} ms")


if __name__ == "__main__":
    main()
