// Mutes rules, and lets them speak again: the forms of panels/mutes.py.
(function (tv) {
  "use strict";

  function address(form) {
    const run = form.closest("[data-runs]").dataset.runs;
    return tv.prefix() + "/api/v1/runs/" + encodeURIComponent(run) + "/mutes";
  }

  async function send(url, options) {
    try {
      const answer = await fetch(url, options);
      if (answer.ok) return "";
      const told = await answer.json().catch(() => null);
      return told && told.error ? told.error.message + " " + told.error.hint : "The server refused it (" + answer.status + ").";
    } catch (error) {
      return "The server cannot be reached; nothing was changed.";
    }
  }

  function say(text) {
    document.getElementById("announcement").textContent = text;
  }

  document.addEventListener("submit", async function (event) {
    const form = event.target;
    if (!("mute" in form.dataset)) return;
    event.preventDefault();
    const button = form.querySelector("button"), values = new FormData(form);
    let wrong = "";
    button.disabled = true;
    for (const rule of values.get("rule").split(",")) {
      const body = JSON.stringify({ rule, layers: values.get("layers"), reason: values.get("reason") });
      wrong = wrong || await send(address(form), { method: "POST", headers: { "Content-Type": "application/json" }, body });
    }
    button.disabled = false;
    form.querySelector(".wrong").textContent = wrong;
    if (wrong) return;
    form.reset();
    form.closest("details").open = false;
    say("Muted");
    tv.refreshPanels(true);
  });

  document.addEventListener("click", async function (event) {
    const button = event.target.closest("[data-unmute]");
    if (!button) return;
    button.disabled = true;
    const wrong = await send(address(button) + "/" + encodeURIComponent(button.dataset.unmute), { method: "DELETE" });
    button.disabled = false;
    say(wrong || "Unmuted");
    tv.refreshPanels(true);
  });
})(window.trainvitals);
