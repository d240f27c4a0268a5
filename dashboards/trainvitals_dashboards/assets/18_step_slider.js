// The slider under the histogram of one step: its arrows go from snapshot to snapshot, and the address keeps the step.
(function (tv) {
  "use strict";
  function build(place) {
    const input = document.createElement("input"), told = document.createElement("output");
    Object.assign(input, { type: "range", min: "0", step: "1" });
    input.setAttribute("aria-label", place.dataset.stepSlider || "Step of the histogram");
    input.addEventListener("input", function () {
      const step = place.steps[Number(input.value)], last = Number(input.value) === place.steps.length - 1;
      say(input, told, step);
      tv.view.adjust({ step: last ? null : String(step) });
    });
    place.replaceChildren(input, told);
  }

  function say(input, told, step) {
    told.textContent = "step " + step;
    input.setAttribute("aria-valuetext", told.textContent);
  }

  // Called with each figure that is drawn: the slider stands under the chart that has steps to choose from.
  tv.showSlider = function (chart) {
    const place = chart.place.parentElement.querySelector("[data-step-slider]");
    if (!place) return;
    const { steps, place: chosen } = chart.figure.layout.meta;
    place.hidden = !steps;
    if (!steps) return;
    if (!place.firstChild) build(place);
    const [input, told] = place.children;
    place.steps = steps;
    input.max = String(steps.length - 1);
    if (document.activeElement !== input || !tv.view.get("step")) input.value = String(chosen);
    say(input, told, steps[Number(input.value)]);
  };
})(window.trainvitals);
