// Finding a layer by parts of its name, for networks with more layers than a table can show.
(function (tv) {
  "use strict";
  const FOUND_MAX = 40;

  function names() {
    for (const chart of tv.charts.values()) {
      const heatmap = chart.figure && chart.figure.data.find((trace) => trace.meta && trace.meta.layers);
      if (heatmap) return heatmap.meta.layers;
    }
    return [];
  }

  function found(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const fitting = names().filter((name) => words.every((word) => name.toLowerCase().includes(word)));
    return fitting.sort((a, b) => (b === text) - (a === text)).slice(0, FOUND_MAX);
  }

  tv.showFinder = function (page) {
    const place = page.querySelector("[data-layer-finder]");
    if (!place || place.firstChild) return;
    const input = document.createElement("input"), list = document.createElement("datalist");
    list.id = "layers-found";
    Object.assign(input, { type: "text", className: "search", autocomplete: "off", placeholder: "Find a layer" });
    input.setAttribute("list", list.id);
    input.setAttribute("aria-label", "Find a layer");
    input.addEventListener("input", function () {
      list.replaceChildren(...found(input.value).map((value) => Object.assign(document.createElement("option"), { value })));
    });
    input.addEventListener("keydown", function (event) {
      const first = input.value.trim() && found(input.value.trim())[0];
      if (event.key !== "Enter" || !first) return;
      tv.view.choose({ layer: first });
      document.getElementById("announcement").textContent = first + " chosen";
      input.value = "";
    });
    input.addEventListener("change", function () {
      if (names().includes(input.value)) { tv.view.choose({ layer: input.value }); input.value = ""; }
    });
    place.replaceChildren(input, list);
  };
})(window.trainvitals);
