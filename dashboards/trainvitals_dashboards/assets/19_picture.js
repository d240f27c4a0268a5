// Saves the charts of a page as one PNG, made in the browser.
(function (tv) {
  "use strict";
  const SCALE = 2, TITLE = 30, GAP = 12;

  function image(source) {
    return new Promise(function (resolve, reject) {
      const picture = new Image();
      picture.onload = () => resolve(picture);
      picture.onerror = reject;
      picture.src = source;
    });
  }

  tv.savePicture = async function (name) {
    const style = getComputedStyle(document.documentElement), shown = [...tv.charts.values()].filter((chart) => chart.figure);
    const width = Math.max(...shown.map((chart) => chart.plot.offsetWidth)) + 2 * GAP;
    const height = shown.reduce((sum, chart) => sum + chart.plot.offsetHeight + TITLE + GAP, 2 * GAP + TITLE);
    const canvas = document.createElement("canvas"), ink = canvas.getContext("2d");
    canvas.width = SCALE * width;
    canvas.height = SCALE * height;
    ink.scale(SCALE, SCALE);
    ink.fillStyle = style.getPropertyValue("--surface");
    ink.fillRect(0, 0, width, height);
    ink.fillStyle = style.getPropertyValue("--text");
    ink.font = "600 18px system-ui, sans-serif";
    ink.fillText(name, GAP, TITLE - 6);
    ink.font = "600 13px system-ui, sans-serif";
    let y = TITLE + GAP;
    for (const chart of shown) {
      const size = { width: chart.plot.offsetWidth, height: chart.plot.offsetHeight };
      ink.fillText(chart.place.getAttribute("aria-label"), GAP, y + 18);
      const picture = await image(await window.Plotly.toImage(chart.plot, { format: "png", scale: SCALE, ...size }));
      ink.drawImage(picture, GAP, y + TITLE, size.width, size.height);
      y += size.height + TITLE + GAP;
    }
    const link = document.createElement("a");
    link.download = name.replace(/[^\w.-]+/g, "_") + ".png";
    link.href = canvas.toDataURL("image/png");
    link.click();
  };
})(window.trainvitals);
