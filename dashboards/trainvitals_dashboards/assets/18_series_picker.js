// Choosing series among thousands: type some words, Enter takes the first that fits; a chip takes its series away.
(function (tv) {
  "use strict";
  const FOUND_MAX = 60;
  const series = () => tv.view.get("series").split(",").filter(Boolean);

  function found(keys, text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean), chosen = new Set(series());
    const fits = (key) => !chosen.has(key) && words.every((word) => key.toLowerCase().includes(word));
    const exact = keys.filter((key) => key === text);
    return [...exact, ...keys.filter((key) => key !== text && fits(key))].slice(0, FOUND_MAX);
  }

  function offer(list, keys, text) {
    list.replaceChildren(...found(keys, text).map(function (key) {
      const option = document.createElement("option");
      option.value = key;
      return option;
    }));
  }

  function build(place) {
    const keys = JSON.parse(place.dataset.seriesKeys), input = document.createElement("input"), list = document.createElement("datalist");
    list.id = "series-found";
    Object.assign(input, { type: "text", className: "search", autocomplete: "off", placeholder: "Add one of " + keys.length + " series" });
    input.setAttribute("list", list.id);
    input.setAttribute("aria-label", "Add a series");
    const add = function (key) {
      tv.view.choose({ series: [...new Set([...series(), key])].join(",") });
      input.value = "";
      offer(list, keys, "");
      document.getElementById("announcement").textContent = key + " added";
    };
    input.addEventListener("input", function (event) {
      // A choice from the list arrives whole, unlike what is typed.
      if (!event.inputType || event.inputType === "insertReplacementText") {
        if (keys.includes(input.value)) return add(input.value);
      }
      offer(list, keys, input.value);
    });
    input.addEventListener("keydown", function (event) {
      const first = found(keys, input.value.trim())[0];
      if (event.key === "Enter" && input.value.trim() && first) add(first);
    });
    offer(list, keys, "");
    place.replaceChildren(input, list);
  }

  tv.showSeries = function (page) {
    for (const place of page.querySelectorAll("[data-series-keys]")) if (!place.firstChild) build(place);
    const chips = page.querySelector("[data-chips]"), shown = tv.view.get("series");
    if (!chips || chips.dataset.shown === shown) return;
    chips.dataset.shown = shown;
    chips.replaceChildren(...series().map(function (key) {
      const chip = document.createElement("button");
      Object.assign(chip, { type: "button", className: "chip", textContent: key + " ×" });
      chip.setAttribute("aria-label", "Remove " + key);
      chip.addEventListener("click", () => tv.view.choose({ series: series().filter((other) => other !== key).join(",") }));
      return chip;
    }));
  };
})(window.trainvitals);
