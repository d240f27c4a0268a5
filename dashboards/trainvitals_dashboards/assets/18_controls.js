// Buttons and drop-downs: they change the view, which everything else follows.
(function (tv) {
  "use strict";
  const DEFAULTS = { statistic: "gradient_norm", family: "gradient", axis: "step", scale: "auto", sort: "-created_at", spread: "histogram", snapshot: "ridgeline", smoothing: "0.9" };
  const picked = new Set();
  let typing = null;

  const value = (name) => tv.view.get(name) || DEFAULTS[name] || "";

  // Only what differs is written: this runs after every change of the page.
  function put(element, name, text) {
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }

  tv.showControls = function (page) {
    for (const button of page.querySelectorAll(".switch button[data-view]")) {
      put(button, "aria-pressed", String(value(button.dataset.view) === button.dataset.value));
    }
    for (const select of page.querySelectorAll("select[data-view]")) {
      const wanted = value(select.dataset.view), has = [...select.options].some((option) => option.value === wanted);
      if (select.value !== (has ? wanted : "")) select.value = has ? wanted : "";
    }
    for (const box of page.querySelectorAll("[data-pick]")) put(box, "aria-checked", String(picked.has(box.dataset.pick)));
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      put(button, "aria-pressed", String(tv.theme.kept() === button.dataset.themeChoice));
    }
    const compare = page.querySelector("[data-compare]");
    if (compare) {
      compare.disabled = picked.size < 2;
      const text = picked.size < 2 ? "Compare" : "Compare " + picked.size;
      if (compare.textContent !== text) compare.textContent = text;
    }
    tv.showSeries(page);
    tv.showFinder(page);
  };

  async function copy(text, button) {
    try {
      await navigator.clipboard.writeText(text);
    } catch (error) {
      // Without https the clipboard is not offered; the old way still works.
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    const before = button.textContent;
    button.textContent = "Copied";
    document.getElementById("announcement").textContent = "Copied";
    window.setTimeout(() => { button.textContent = before; }, 1500);
  }

  document.addEventListener("click", function (event) {
    const target = event.target.closest("button, [data-view]");
    if (!target || target.tagName === "SELECT" || target.tagName === "OPTION" || event.target.closest("a")) return;
    const data = target.dataset;
    if (data.view) tv.view.choose({ [data.view]: data.value === DEFAULTS[data.view] ? null : data.value });
    else if (target.id === "theme") tv.theme.choose(tv.theme.now() === "dark" ? "light" : "dark");
    else if (data.themeChoice) { tv.theme.choose(data.themeChoice); tv.showControls(document); }
    else if ("copyLink" in data) copy(window.location.href, target);
    else if ("copy" in data) copy(data.copy, target);
    else if ("png" in data) tv.savePicture(data.png);
    else if (data.pick) {
      if (!picked.delete(data.pick)) picked.add(data.pick);
      tv.showControls(document);
    } else if ("compare" in data) tv.open(tv.prefix() + "/compare?runs=" + [...picked].join(","), true);
  });

  document.addEventListener("change", function (event) {
    const data = event.target.dataset;
    if (event.target.tagName !== "SELECT") return;
    if (data.view && (event.target.value || !DEFAULTS[data.view])) {
      tv.view.choose({ [data.view]: event.target.value === DEFAULTS[data.view] ? null : event.target.value });
    }
  });

  document.addEventListener("input", function (event) {
    if (event.target.id !== "search") return;
    window.clearTimeout(typing);
    typing = window.setTimeout(() => tv.view.adjust({ search: event.target.value }), 200);
  });
})(window.trainvitals);
