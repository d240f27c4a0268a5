// Ages that tick: how long ago a run gave a sign of life.
(function (tv) {
  "use strict";
  function words(seconds) {
    if (seconds < 2) return "just now";
    if (seconds < 60) return Math.floor(seconds) + " s ago";
    if (seconds < 3600) return Math.floor(seconds / 60) + " min ago";
    if (seconds < 86400) return Math.floor(seconds / 3600) + " h ago";
    return Math.floor(seconds / 86400) + " d ago";
  }
  tv.tick = function () {
    for (const age of document.querySelectorAll(".age[data-since]")) {
      const text = age.dataset.since ? words(Date.now() / 1000 - Number(age.dataset.since)) : "";
      if (age.textContent !== text) age.textContent = text;
    }
  };
  window.setInterval(tv.tick, 1000);
})(window.trainvitals);
