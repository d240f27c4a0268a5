// The chosen layer: outlined in the heat map, marked in the table, named beside its histograms.
(function (tv) {
  "use strict";
  tv.chosenLayer = function () {
    const first = document.querySelector("table.layers [data-layer]");
    return tv.view.get("layer") || (first ? first.dataset.layer : "");
  };

  tv.outlineLayer = function (figure) {
    const heatmap = figure.data.find((trace) => trace.meta && trace.meta.layers);
    if (!heatmap) return;
    const row = heatmap.meta.layers.indexOf(tv.chosenLayer());
    for (const shape of figure.layout.shapes || []) {
      if (shape.name === "selected") Object.assign(shape, { y0: row - 0.5, y1: row + 0.5, visible: row >= 0 });
    }
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
