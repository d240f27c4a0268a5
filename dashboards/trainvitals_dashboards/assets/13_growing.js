// Traces that grow: typed arrays with room to spare, filled by step, so that a value that comes twice is drawn once.
(function (tv) {
  "use strict";
  const TYPES = { f8: Float64Array, f4: Float32Array, i4: Int32Array, u4: Uint32Array, i2: Int16Array,
    u2: Uint16Array, i1: Int8Array, u1: Uint8Array };

  // Plotly's JSON carries arrays as base64; everything the script keeps is decoded once.
  tv.decode = function (value) {
    if (!value || typeof value !== "object" || typeof value.bdata !== "string") return value;
    const text = window.atob(value.bdata), bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    const numbers = new TYPES[value.dtype](bytes.buffer);
    if (!value.shape || !String(value.shape).includes(",")) return numbers;
    const [rows, columns] = String(value.shape).split(",").map(Number);
    return Array.from({ length: rows }, (_, row) => numbers.subarray(row * columns, (row + 1) * columns));
  };

  class Growing {
    constructor(values) {
      this.length = values ? values.length : 0;
      this.room = new Float64Array(Math.max(64, 2 * this.length));
      for (let i = 0; i < this.length; i++) this.room[i] = values[i] === null ? NaN : values[i];
    }
    insert(place, value) {
      if (this.length === this.room.length) {
        const wider = new Float64Array(2 * this.room.length);
        wider.set(this.room);
        this.room = wider;
      }
      if (place < this.length) this.room.copyWithin(place + 1, place, this.length);
      this.room[place] = value;
      this.length += 1;
    }
    set(place, value) { this.room[place] = value; }
    get(place) { return this.room[place]; }
    view() { return this.room.subarray(0, this.length); }
    // The first place whose value is not below `value`; the end is looked at first because steps come in order.
    place(value) {
      let low = 0, high = this.length;
      if (!high || this.room[high - 1] < value) return high;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (this.room[middle] < value) low = middle + 1;
        else high = middle;
      }
      return low;
    }
  }
  tv.Growing = Growing;

  class Line {
    constructor(trace) {
      this.trace = trace;
      this.meta = trace.meta;
      this.steps = new Growing(tv.decode(trace.customdata) || tv.decode(trace.x));
      this.x = new Growing(tv.decode(trace.x));
      this.y = new Growing(tv.decode(trace.y));
      this.begin = this.steps.length;
      this.known = this.begin ? this.steps.get(this.begin - 1) : -1;
      this.publish();
    }
    get keys() { return [this.meta.series]; }
    // Points fetched in buckets already hold every step up to the last one: adding it again would double it.
    push(step, time, values, axis) {
      const value = values.get(this.meta.series);
      if (value === undefined || (this.meta.decimated && step <= this.known)) return false;
      const place = this.steps.place(step), there = place < this.steps.length && this.steps.get(place) === step;
      if (this.meta.reduce === "ema") {
        if (there || place < this.steps.length) return false;
        this.insert(place, step, time, this.average(value), axis);
      } else if (there) this.y.set(place, value);
      else this.insert(place, step, time, value, axis);
      return true;
    }
    insert(place, step, time, value, axis) {
      this.steps.insert(place, step);
      this.x.insert(place, axis === "time" ? (time - this.meta.start) / 60 : step);
      this.y.insert(place, Number.isFinite(value) ? value : NaN);
    }
    average(value) {
      if (!Number.isFinite(value)) return NaN;
      let last = this.y.length - 1;
      while (last >= 0 && !Number.isFinite(this.y.get(last))) last -= 1;
      if (last < 0) return value;
      const s = this.meta.smoothing, weight = 1 - s ** (last + 1), next = s * weight + (1 - s);
      return (s * weight * this.y.get(last) + (1 - s) * value) / next;
    }
    publish() {
      this.trace.x = this.x.view();
      this.trace.y = this.y.view();
      delete this.trace.customdata;
    }
    get outgrown() { return this.steps.length > 2 * Math.max(2000, 0); }
  }

  class Columns {
    constructor(trace) {
      this.trace = trace;
      this.meta = trace.meta;
      this.row = new Map(this.meta.rows.map((key, row) => [key, row]));
      this.steps = new Growing(tv.decode(trace.x));
      this.rows = tv.decode(trace.z).map((row) => new Growing(row));
      this.counts = 1;
      const n = this.steps.length;
      this.width = n > 2 ? (this.steps.get(n - 1) - this.steps.get(0)) / (n - 1) : 0;
      this.begin = n;
      this.publish();
    }
    get keys() { return this.meta.rows; }
    push(step, time, values) {
      const n = this.steps.length, last = n ? this.steps.get(n - 1) : -Infinity;
      if (step < last) return false;
      // Live steps merge into columns as wide as the older ones, by the same reduction.
      const merges = step === last || (this.width > 0 && step < last + 0.999 * this.width);
      if (!merges) {
        this.steps.insert(n, step);
        for (const row of this.rows) row.insert(n, NaN);
      }
      const place = merges ? n - 1 : n;
      let changed = !merges;
      for (const [key, raw] of values) {
        const row = this.row.get(key);
        if (row === undefined) continue;
        const value = this.meta.logarithm ? (raw > 0 ? Math.log10(raw) : NaN) : raw, old = this.rows[row].get(place);
        const kept = !merges || Number.isNaN(old) || this.meta.merge !== "max" ? value : Math.max(old, value);
        this.rows[row].set(place, kept);
        changed = true;
      }
      return changed;
    }
    publish() {
      this.trace.x = this.steps.view();
      this.trace.z = this.rows.map((row) => row.view());
    }
    get outgrown() { return this.steps.length > 2 * 500; }
  }

  tv.bind = function (trace) {
    const reduce = trace.meta && trace.meta.reduce;
    if (reduce === "column") return new Columns(trace);
    if (reduce === "mean" || reduce === "ema") return new Line(trace);
    return null;
  };
})(window.trainvitals);
