// The chosen layer: outlined in the heat map, marked in the table, named beside its histograms.
(function (tv) {
  "use strict";
  tv.chosenLayer = function () {
    const first = document.querySelector("table.layers [data-layer]");
    return tv.view.get("layer") || (first ? first.dataset.layer : "");
  };

  const NARROW = 520, NAME_LENGTH_MAX = 22, NARROW_LENGTH_MAX = 8, TAIL_LENGTH_MIN = 4, LETTER = 6.4, AXIS = 50, BAR = 40;

  // The end of a dotted name, cut at a dot where one is near (heatmap_rows.py does the same).
  function shortened(name, most) {
    if (name.length <= most) return name;
    const tail = name.slice(1 - most), rest = tail.slice(tail.indexOf(".") + 1);
    return "…" + (rest.length >= TAIL_LENGTH_MIN ? rest : tail);
  }

  // Names come from the network; plotly reads a few HTML tags in text.
  const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

  // A narrow page has no room for names: rows get the end of theirs, and the colours are told below the map.
  function narrow(figure, heatmap, height) {
    const plain = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
    for (const note of figure.layout.annotations || []) {
      if (note.name === "row") note.text = escaped(shortened(plain(note.text), NARROW_LENGTH_MAX));
    }
    const below = (height - AXIS - BAR - 8);
    if (heatmap.colorbar) Object.assign(heatmap.colorbar, { orientation: "h", y: -AXIS / below, yanchor: "top", x: 0.5, xanchor: "center" });
    Object.assign(figure.layout.margin, { l: 10 + LETTER * NARROW_LENGTH_MAX, b: AXIS + BAR });
  }

  tv.outlineLayer = function (figure, place) {
    const heatmap = figure.data.find((trace) => trace.meta && trace.meta.layers);
    if (!heatmap) return;
    const layers = heatmap.meta.layers, chosen = tv.chosenLayer(), row = layers.indexOf(chosen), n = layers.length;
    const small = place.offsetWidth < NARROW;
    if (small) narrow(figure, heatmap, place.offsetHeight);
    for (const shape of figure.layout.shapes || []) {
      if (shape.name === "selected") Object.assign(shape, { y0: 1 - row / n, y1: 1 - (row + 1) / n, visible: row >= 0 });
    }
    for (const note of figure.layout.annotations || []) {
      if (note.name !== "selected") continue;
      const text = escaped(shortened(chosen, small ? NARROW_LENGTH_MAX : NAME_LENGTH_MAX)) + (small ? "" : " ▸");
      Object.assign(note, { y: 1 - (row + 0.5) / n, text, visible: row >= 0 });
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
