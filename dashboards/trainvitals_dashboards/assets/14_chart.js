// One chart on a page: fetches its figure, binds the traces to the live channel, draws at most once a frame.
(function (tv) {
  "use strict";
  const CONFIG = { displaylogo: false, responsive: true, doubleClick: "reset", showTips: false, plotlyServerURL: "",
    modeBarButtonsToRemove: ["sendDataToCloud", "sendChartToCloud", "lasso2d", "select2d", "autoScale2d", "zoomIn2d", "zoomOut2d", "pan2d"] };
  const NEWS_GAP = 2000, LINES_REFETCH_GAP = 1500;
  const dirty = new Set();
  let frame = null;

  function schedule(chart) {
    dirty.add(chart);
    if (frame === null) frame = window.requestAnimationFrame(drawDirty);
  }

  // The lines stay quick because the heat map, which takes longer to draw, rests half a second.
  const rest = (chart) => Math.max(2 * chart.cost, chart.bound.some((trace) => trace.rows) ? 500 : 0);

  function drawDirty(now) {
    frame = null;
    for (const chart of [...dirty]) {
      if (now - chart.drawnAt < rest(chart)) continue;
      dirty.delete(chart);
      chart.draw();
    }
    if (dirty.size) frame = window.requestAnimationFrame(drawDirty);
  }

  class Chart {
    constructor(place) {
      this.place = place;
      this.follows = new Set((place.dataset.follows || "").split(" ").filter(Boolean));
      this.runs = place.dataset.runs.split(",");
      this.plot = document.createElement("div");
      this.plot.className = "plot";
      this.text = document.createElement("p");
      this.text.className = "visually-hidden";
      place.append(this.plot, this.text);
      Object.assign(this, { bound: [], pending: [], closers: [], keys: "", drawnAt: 0, cost: 0, revision: 0, fetches: 0 });
      this.load();
    }

    get axis() { return this.figure.layout.meta.axis; }

    // The view may ask for another chart in this place.
    get name() {
      const { chart, field, others } = this.place.dataset, wanted = field ? tv.view.get(field) : "";
      return wanted && (others || "").split(" ").includes(wanted) ? wanted : chart;
    }

    address() {
      const query = new URLSearchParams({ runs: this.runs.join(","), theme: tv.theme.now() });
      for (const name of this.follows) if (tv.view.get(name)) query.set(name, tv.view.get(name));
      const layer = document.querySelector("[data-layer-page]");
      if (layer) query.set("layer", layer.dataset.layerPage);
      if (this.place.dataset.family) query.set("family", this.place.dataset.family);
      if (!query.has("layer") && this.follows.has("layer") && tv.chosenLayer) query.set("layer", tv.chosenLayer());
      if (this.version) query.set("version", this.version);
      return tv.prefix() + "/figures/" + this.name + "?" + query;
    }

    async load() {
      const fetching = ++this.fetches;
      let figure;
      try {
        const answer = await fetch(this.address());
        if (!answer.ok) throw new Error("status " + answer.status);
        figure = await answer.json();
      } catch (error) {
        if (fetching === this.fetches && !this.closed) this.failed();
        return;
      }
      if (fetching !== this.fetches || this.closed) return;
      this.loadedAt = Date.now();
      this.failures = 0;
      delete this.place.dataset.failed;
      this.figure = figure;
      this.fit();
      this.bound = figure.data.map(tv.bind).filter(Boolean);
      for (const message of this.pending.splice(0)) this.apply(message);
      this.subscribe();
      this.describe();
      tv.showSlider(this);
      schedule(this);
    }

    // What is drawn already stays; an empty place says that the server could not draw it.
    failed() {
      this.failures = (this.failures || 0) + 1;
      if (!this.figure) this.place.dataset.failed = "This chart could not be drawn; trying again.";
      this.again = window.setTimeout(() => this.load(), Math.min(30000, 1000 * 2 ** this.failures));
    }

    // A place may be low while it has nothing to show.
    fit() {
      const { height, emptyHeight } = this.place.dataset;
      const wanted = (emptyHeight && !this.figure.data.length ? emptyHeight : height) + "px";
      if (this.place.style.height === wanted) return;
      this.place.style.height = wanted;
      if (this.listening) window.Plotly.Plots.resize(this.plot);
    }

    describe() {
      this.text.textContent = this.figure.layout.meta.summary || "";
    }

    // Subscribing comes before the fetch whose data counts: what comes in between waits in `pending`.
    subscribe() {
      const byRun = new Map();
      for (const trace of this.bound) byRun.set(trace.meta.run, new Set([...(byRun.get(trace.meta.run) || []), ...trace.keys]));
      const keys = JSON.stringify([...byRun].map(([run, series]) => [run, [...series]]));
      if (keys === this.keys) return;
      this.unsubscribe();
      this.keys = keys;
      for (const [run, series] of byRun) {
        const ready = () => this.reload(), points = (message) => this.receive(message);
        this.closers.push(tv.channel.subscribe(this.place.dataset.chart + "." + this.runs.indexOf(run), run, [...series], ready, points));
      }
    }

    unsubscribe() {
      for (const close of this.closers.splice(0)) close();
    }

    reload() {
      this.loading = true;
      return this.load().finally(() => { this.loading = false; });
    }

    receive(message) {
      if (this.loading) this.pending.push(message);
      if (!this.apply(message)) return;
      if (this.bound.some((trace) => trace.outgrown)) this.reload();
      schedule(this);
    }

    apply(message) {
      const { header, steps, times, values } = message, k = header.series.length;
      const zoom = this.axis === "step" ? tv.zoom() : null;
      let changed = false;
      for (let row = 0; row < header.steps; row++) {
        if (zoom && (steps[row] < zoom[0] || steps[row] > zoom[1])) continue;
        const at = new Map(header.series.map((key, column) => [key, values[row * k + column]]));
        for (const trace of this.bound) {
          if (trace.meta.run === header.run && trace.push(steps[row], times[row], at, this.axis)) changed = true;
        }
      }
      return changed;
    }

    draw() {
      const begun = performance.now();
      for (const trace of this.bound) trace.publish();
      const layout = this.figure.layout;
      layout.datarevision = ++this.revision;
      tv.placeEnds(this.figure, this.bound, this.plot);
      tv.outlineLayer(this.figure, this.plot);
      const drawn = window.Plotly.react(this.plot, this.figure.data, layout, CONFIG);
      if (!this.listening) {
        this.listen(drawn);
        schedule(this); // Names of lines stand well only once the size of the plot is known.
      }
      this.drawnAt = performance.now();
      this.cost = this.drawnAt - begun;
      this.place.dataset.drawn = String(this.revision);
    }

    async listen(drawn) {
      this.listening = true;
      await drawn;
      if (this.closed) return;
      this.plot.on("plotly_relayout", (change) => this.zoomed(change));
      this.plot.on("plotly_click", (event) => tv.clickedChart(this, event));
    }

    zoomed(change) {
      const meta = this.figure.layout.meta;
      if (!meta.zoom) return;
      if (change["xaxis.autorange"]) return tv.view.adjust({ zoom: null });
      const first = change["xaxis.range[0]"], last = change["xaxis.range[1]"];
      if (first === undefined || last === undefined) return;
      const digits = meta.axis === "time" ? 3 : 0;
      tv.view.adjust({ zoom: Math.max(0, Number(first)).toFixed(digits) + "_" + Number(last).toFixed(digits) });
    }

    viewChanged(names) {
      if (names.has("*") || [...names].some((name) => this.follows.has(name))) this.load();
      else if (names.has("layer") && this.figure) schedule(this);
    }

    news(message, changed) {
      const still = this.figure && this.figure.layout.meta.live === false;
      const gap = still ? NEWS_GAP : LINES_REFETCH_GAP;
      if (!this.figure || (!still && !changed && this.bound.length)) return;
      this.newsVersion = message.version || "";
      if (this.newsTimer) return;
      this.newsTimer = window.setTimeout(() => { this.newsTimer = null; this.loadVersion(this.newsVersion); }, Math.max(0, this.loadedAt + gap - Date.now()));
    }

    // All viewers ask for the same version of a picture, and the server makes it once.
    loadVersion(version) {
      this.version = version;
      this.load();
      this.version = "";
    }

    close() {
      this.closed = true;
      this.unsubscribe();
      window.clearTimeout(this.again);
      window.clearTimeout(this.newsTimer);
      dirty.delete(this);
      window.Plotly.purge(this.plot);
    }
  }

  tv.Chart = Chart;
  tv.zoom = function () {
    const [first, last] = tv.view.get("zoom").split("_").map(Number);
    return first < last ? [first, last] : null;
  };
})(window.trainvitals);
