// The view of a page lives in its address: choices push a new entry, a zoom replaces the present one.
window.trainvitals = window.trainvitals || {};
(function (tv) {
  "use strict";
  const listeners = new Set();
  const shell = () => document.getElementById("shell");

  tv.prefix = () => (shell() ? shell().dataset.prefix : "");

  function fields() {
    return new URLSearchParams(window.location.search);
  }

  function query(changes) {
    const next = fields();
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === "") next.delete(name);
      else next.set(name, value);
    }
    // Commas and slashes are plain in a query; keeping them makes the address readable.
    const text = next.toString().replace(/%2C/g, ",").replace(/%2F/g, "/");
    return text ? "?" + text : "";
  }

  function change(method, changes) {
    const names = Object.keys(changes).filter((name) => (changes[name] || null) !== (fields().get(name) || null));
    if (!names.length) return;
    window.history[method](null, "", window.location.pathname + query(changes));
    for (const listener of listeners) listener(new Set(names));
  }

  tv.view = {
    get: (name) => fields().get(name) || "",
    choose: (changes) => change("pushState", changes),
    adjust: (changes) => change("replaceState", changes),
    listen: (listener) => listeners.add(listener),
    all: fields,
  };

  // Opens an address inside the app: the router's Store is told, and Dash fills the page.
  tv.open = function (address, push) {
    if (push) window.history.pushState(null, "", address);
    const here = window.location;
    window.dash_clientside.set_props("address", { data: { path: here.pathname, query: here.search } });
    tv.openedPath = here.pathname;
    tv.openedRuns = fields().get("runs");
  };

  window.addEventListener("popstate", function () {
    if (window.location.pathname !== tv.openedPath || fields().get("runs") !== tv.openedRuns) tv.open(null, false);
    else for (const listener of listeners) listener(new Set(["*"]));
  });

  document.addEventListener("click", function (event) {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const target = new URL(link.href, window.location.href);
    if (link.target || link.hash || target.origin !== window.location.origin) return;
    event.preventDefault();
    tv.open(target.pathname + target.search, true);
    window.scrollTo(0, 0);
  });
})(window.trainvitals);
