// The chosen layer: outlined in the heat map, marked in the table, named beside its histograms.
(function (tv) {
  "use strict";
  tv.chosenLayer = function () {
    const first = document.querySelector("table.layers [data-layer]");
    return tv.view.get("layer") || (first ? first.dataset.layer : "");
  };

  const NARROW = 520, NAME_LENGTH_MAX = 13;

  tv.outlineLayer = function (figure, width) {
    const heatmap = figure.data.find((trace) => trace.meta && trace.meta.layers);
    if (!heatmap) return;
    const chosen = tv.chosenLayer(), row = heatmap.meta.layers.indexOf(chosen), narrow = width < NARROW;
    for (const shape of figure.layout.shapes || []) {
      if (shape.name === "selected") Object.assign(shape, { y0: row - 0.5, y1: row + 0.5, visible: row >= 0 });
    }
    for (const note of figure.layout.annotations || []) {
      if (note.name !== "selected") continue;
      const text = (chosen.length > NAME_LENGTH_MAX ? "…" + chosen.slice(-NAME_LENGTH_MAX) : chosen) + " ▸";
      // Names come from the network; plotly reads a few HTML tags in text.
      Object.assign(note, { y: Math.max(row, 0), text: text.replace(/&/g, "&amp;").replace(/</g, "&lt;"), visible: row >= 0 && !narrow });
    }
    // On a narrow page the colours are told below the map instead of beside it.
    const bar = heatmap.colorbar;
    if (bar) Object.assign(bar, narrow ? { orientation: "h", y: -0.12, yanchor: "top", x: 0.5, xanchor: "center" } : {});
    if (narrow) Object.assign(figure.layout.margin, { l: 64, b: 90 });
  };

  tv.clickedChart = function (chart, event) {
    const point = event.points[0];
    const layers = point && point.data.meta && point.data.meta.layers;
    if (layers) tv.view.choose({ layer: layers[point.pointNumber[0]] });
  };

  tv.markLayer = function () {
    const chosen = tv.chosenLayer();
    for (const row of document.querySelectorAll("table.layers [data-layer]")) {
      row.setAttribute("aria-selected", String(row.dataset.layer === chosen));
    }
    for (const place of document.querySelectorAll("[data-chosen=layer]")) {
      if (place.textContent !== chosen) place.textContent = chosen;
    }
  };
})(window.trainvitals);
