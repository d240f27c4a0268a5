// Dark or light: the system's choice unless this browser keeps another one. Never part of the address.
(function (tv) {
  "use strict";
  const KEY = "trainvitals-theme";
  const system = window.matchMedia("(prefers-color-scheme: light)");
  const listeners = new Set();

  function kept() {
    try {
      return window.localStorage.getItem(KEY) || "system";
    } catch (error) {
      return "system"; // Storage can be forbidden; the theme then follows the system.
    }
  }

  function apply() {
    document.documentElement.dataset.theme = tv.theme.now();
    for (const listener of listeners) listener();
  }

  tv.theme = {
    now: () => (kept() === "system" ? (system.matches ? "light" : "dark") : kept()),
    kept: kept,
    listen: (listener) => listeners.add(listener),
    choose: function (choice) {
      try {
        window.localStorage.setItem(KEY, choice);
      } catch (error) {
        document.documentElement.dataset.theme = choice;
        return;
      }
      apply();
    },
  };
  system.addEventListener("change", apply);
  apply();
})(window.trainvitals);
