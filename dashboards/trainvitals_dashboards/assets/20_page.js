// Finds what a page change brought: charts, sparklines, ages, and the Store that news of the page's runs goes to.
(function (tv) {
  "use strict";
  const charts = new Map();
  let page = null, closeNews = null, lastNews = null, newsTimer = null, version = null, look = null, started = false, seen = {}, layer = "";

  function panels(query) {
    if (!page || !page.dataset.news) return;
    const gap = 1000 * Number(page.dataset.panelSeconds || document.getElementById("shell").dataset.panelSeconds);
    if (newsTimer) return;
    newsTimer = window.setTimeout(function () {
      newsTimer = null;
      if (!page || !page.dataset.news) return;
      lastNews = Date.now();
      const data = { run: page.dataset.runs, query: window.location.search, version, at: lastNews };
      version = null;
      window.dash_clientside.set_props(page.dataset.news, { data });
    }, query ? 0 : Math.max(0, (lastNews || 0) + gap - Date.now()));
  }
  tv.refreshPanels = panels;

  function news(message) {
    const told = JSON.stringify([message.warnings, message.status]), changed = seen[message.run] !== told;
    seen[message.run] = told;
    for (const age of document.querySelectorAll("#run-status .age")) {
      if (message.last_seen_at) age.dataset.since = String(message.last_seen_at);
    }
    version = message.version || null;
    for (const chart of charts.values()) if (chart.runs.includes(message.run)) chart.news(message, changed);
    panels();
  }

  function enter(next) {
    if (closeNews) closeNews();
    window.clearInterval(look);
    page = next;
    closeNews = null;
    seen = {};
    layer = "";
    if (!page) return;
    document.title = page.dataset.title + " · trainvitals";
    const runs = (page.dataset.runs || "").split(",").filter(Boolean);
    closeNews = tv.channel.watch(runs, news);
    if (page.dataset.lookSeconds) look = window.setInterval(() => panels(), 1000 * Number(page.dataset.lookSeconds));
    tv.showControls(page);
  }

  // Without a choice in the address the worst layer is shown, also when another one becomes the worst.
  function followLayer() {
    const chosen = tv.chosenLayer(), before = layer;
    layer = chosen;
    if (chosen && before && chosen !== before) for (const chart of charts.values()) chart.viewChanged(new Set(["layer"]));
  }

  function drawSparks() {
    for (const spark of document.querySelectorAll(".spark[data-path]")) {
      if (spark.dataset.drawn === spark.dataset.path) continue;
      spark.dataset.drawn = spark.dataset.path;
      spark.innerHTML = '<svg viewBox="0 0 96 18" preserveAspectRatio="none"><path vector-effect="non-scaling-stroke"/></svg>';
      spark.querySelector("path").setAttribute("d", spark.dataset.path);
    }
  }

  function scan() {
    if (!started && document.getElementById("page") && window.dash_clientside && window.dash_clientside.set_props) {
      started = true;
      tv.open(null, false);
    }
    // First, because the charts of a layer begin with the one that the table has on top.
    tv.growTrees();
    const next = document.querySelector("#page [data-title]");
    if (next !== page) enter(next);
    for (const [place, chart] of charts) if (!place.isConnected) { chart.close(); charts.delete(place); }
    for (const place of document.querySelectorAll("[data-chart]")) if (!charts.has(place)) charts.set(place, new tv.Chart(place));
    for (const place of document.querySelectorAll("[data-live]")) if (!place.textContent) tv.showLive(place);
    drawSparks();
    followLayer();
    tv.markLayer();
    tv.tick();
    if (page) tv.showControls(page);
  }

  let waiting = false;
  new MutationObserver(function () {
    if (waiting) return;
    waiting = true;
    window.queueMicrotask(function () { waiting = false; scan(); });
  }).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-tree", "data-path", "data-since", "open"] });

  tv.view.listen(function (names) {
    layer = tv.chosenLayer();
    for (const chart of charts.values()) chart.viewChanged(names);
    tv.markLayer();
    if (page) tv.showControls(page);
    const follows = page && page.dataset.panelsFollow ? page.dataset.panelsFollow.split(" ") : [];
    if (names.has("*") || follows.some((name) => names.has(name))) panels(true);
  });
  tv.theme.listen(() => { for (const chart of charts.values()) chart.load(); });
  tv.charts = charts;
})(window.trainvitals);
