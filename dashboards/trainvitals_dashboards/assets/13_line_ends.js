// The names of lines: each stays at its line's last point while the line grows, and above the names it would touch.
(function (tv) {
  "use strict";
  const NAME_HEIGHT = 14, LETTER_WIDTH = 6.4, ABOVE = 9, LEFT_PART = 0.35;

  function lastPoint(trace, log) {
    let last = trace.y.length - 1;
    const shown = (place) => Number.isFinite(trace.y.get(place)) && (!log || trace.y.get(place) > 0);
    while (last >= 0 && !shown(last)) last -= 1;
    return last < 0 ? null : { x: trace.x.get(last), y: log ? Math.log10(trace.y.get(last)) : trace.y.get(last) };
  }

  function placed(note, point, axes) {
    const right = point.x - axes.x[0] < LEFT_PART * (axes.x[1] - axes.x[0]), width = LETTER_WIDTH * note.text.length;
    const at = (point.x - axes.x[0]) / (axes.x[1] - axes.x[0]) * axes.width;
    const pixel = (point.y - axes.y[0]) / (axes.y[1] - axes.y[0]) * axes.height;
    return { note, pixel, left: right ? at : at - width, right: right ? at + width : at, anchor: right ? "left" : "right" };
  }

  // `plot` knows its size and ranges once it was drawn; before that the server's guess stands.
  tv.placeEnds = function (figure, bound, plot) {
    const log = (figure.layout.yaxis || {}).type === "log", full = plot._fullLayout;
    const axes = full && full.xaxis && full.xaxis.range && full._size
      ? { x: full.xaxis.range.map(Number), y: full.yaxis.range, width: full._size.w, height: full._size.h } : null;
    const places = [];
    for (const note of figure.layout.annotations || []) {
      if (!note.name || !note.name.startsWith("end:")) continue;
      const own = bound.filter((trace) => trace.y && note.name === "end:" + trace.meta.run + ":" + trace.meta.series).pop();
      const point = own && lastPoint(own, log);
      if (!point) continue;
      Object.assign(note, point);
      if (axes) places.push(placed(note, point, axes));
    }
    const done = [];
    for (const place of places.sort((a, b) => a.pixel - b.pixel)) {
      const touched = done.filter((other) => other.left < place.right && place.left < other.right);
      place.top = Math.max(place.pixel + ABOVE, ...touched.map((other) => other.top + NAME_HEIGHT));
      Object.assign(place.note, { yshift: place.top - place.pixel, xanchor: place.anchor });
      done.push(place);
    }
  };
})(window.trainvitals);
