// The live channel: one WebSocket a page, subscriptions that resume by cursor and epoch (trainvitals_wire.live).
(function (tv) {
  "use strict";
  const BACKOFF_FIRST = 400, BACKOFF_MAX = 10000, PING = 15000, SILENCE_MAX = 45000, POLL = 2000, FAILURES_TO_POLL = 3, POLLED_SERIES_MAX = 100;
  const subscriptions = new Map(), watchers = new Map();
  let socket = null, opened = false, failures = 0, heard = 0, retry = null, poller = null, polling = false;

  function send(message) {
    if (socket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  }

  function subscribe(subscription) {
    const { id, run, series, cursor, epoch } = subscription;
    send({ type: "subscribe", id, run, series, cursor, epoch });
  }

  function watchAll() {
    if (watchers.size) send({ type: "watch", runs: [...watchers.keys()] });
  }

  function state(word) {
    if (tv.channel.state === word) return;
    tv.channel.state = word;
    for (const place of document.querySelectorAll("[data-live]")) tv.showLive(place);
  }

  function connect() {
    retry = null;
    const address = new URL(tv.prefix() + "/api/v1/live", window.location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    try {
      socket = new WebSocket(address);
    } catch (error) {
      return lost(); // A browser or an extension may forbid WebSockets altogether.
    }
    socket.binaryType = "arraybuffer";
    socket.onopen = function () {
      opened = true;
      failures = 0;
      heard = Date.now();
      state("live");
      stopPolling();
      for (const subscription of subscriptions.values()) subscribe(subscription);
      watchAll();
    };
    socket.onmessage = function (event) {
      heard = Date.now();
      if (typeof event.data === "string") control(JSON.parse(event.data));
      else points(event.data);
    };
    socket.onclose = lost;
  }

  function lost() {
    socket = null;
    failures += 1;
    if (!poller) state("reconnecting");
    if (failures >= FAILURES_TO_POLL) startPolling();
    const ceiling = Math.min(BACKOFF_MAX, BACKOFF_FIRST * 2 ** Math.min(failures, 6));
    retry = window.setTimeout(connect, ceiling * (0.5 + Math.random() / 2));
  }

  function control(message) {
    if (message.type === "ping") return send({ type: "pong" });
    if (message.type === "run") return news(message);
    const subscription = subscriptions.get(message.id);
    if (!subscription) return;
    if (message.type === "subscribed" || message.type === "reset") {
      const resumed = message.type === "subscribed" && subscription.cursor !== null;
      subscription.cursor = resumed ? subscription.cursor : message.cursor;
      subscription.epoch = message.epoch;
      if (!resumed) subscription.onReady();
    }
  }

  function news(message) {
    for (const watcher of watchers.get(message.run) || []) watcher(message);
  }

  tv.decodePoints = function (buffer, place) {
    const size = new DataView(buffer, place).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, place + 4, size)));
    const n = header.steps, k = header.series.length, start = place + 4 + size;
    return {
      header,
      bytes: 4 + size + 16 * n + 4 * n * k,
      steps: new Float64Array(buffer, start, n),
      times: new Float64Array(buffer, start + 8 * n, n),
      values: new Float32Array(buffer, start + 16 * n, n * k),
    };
  };

  function points(buffer) {
    const message = tv.decodePoints(buffer, 0);
    const subscription = subscriptions.get(message.header.id);
    if (!subscription) return;
    subscription.cursor = message.header.cursor;
    subscription.epoch = message.header.epoch;
    subscription.onPoints(message);
  }

  // Behind a proxy that blocks WebSockets the same cursor goes over plain requests.
  function startPolling() {
    if (poller) return;
    poller = window.setInterval(poll, POLL);
    poll();
  }

  function stopPolling() {
    window.clearInterval(poller);
    poller = null;
  }

  async function poll() {
    if (polling) return;
    polling = true;
    const answers = await Promise.allSettled([...subscriptions.values()].map(since));
    polling = false;
    if (!poller) return;
    const answered = answers.length ? answers.some((answer) => answer.status === "fulfilled") : await reachable();
    state(answered ? "polling" : "reconnecting");
    if (!answered) return;
    for (const [run, told] of watchers) {
      for (const watcher of told) watcher({ type: "run", run, polled: true });
    }
  }

  const reachable = () => fetch(tv.prefix() + "/healthz").then((answer) => answer.ok, () => false);

  async function since(subscription) {
    const { run, series, cursor, epoch } = subscription;
    // So many names do not fit into an address: the whole picture is fetched again instead.
    if (series.length > POLLED_SERIES_MAX) return subscription.onReady();
    const query = new URLSearchParams(series.map((key) => ["key", key]));
    if (cursor !== null) { query.set("cursor", cursor); query.set("epoch", epoch); }
    const answer = await fetch(tv.prefix() + "/api/v1/runs/" + encodeURIComponent(run) + "/since?" + query);
    if (!answer.ok) throw new Error("status " + answer.status);
    if ((answer.headers.get("content-type") || "").includes("json")) {
      return control({ ...(await answer.json()), id: subscription.id });
    }
    const buffer = await answer.arrayBuffer();
    for (let place = 0; place < buffer.byteLength; ) {
      const message = tv.decodePoints(buffer, place);
      place += message.bytes + (-message.bytes & 7);
      subscription.onPoints(message);
    }
    subscription.cursor = Number(answer.headers.get("trainvitals-cursor"));
    subscription.epoch = answer.headers.get("trainvitals-epoch");
  }

  window.setInterval(function () {
    send({ type: "ping" });
    if (socket && opened && Date.now() - heard > SILENCE_MAX) socket.close();
  }, PING);
  window.addEventListener("online", function () {
    if (!retry) return;
    window.clearTimeout(retry);
    connect();
  });

  function start() {
    if (!socket && !retry) connect();
  }

  tv.channel = {
    state: "connecting",
    // `onReady` runs when points begin to come (again): fetch what came before. `onPoints` gets each binary message.
    // The identifier is the same in every browser that looks at the same page, so the server builds a range once for all.
    subscribe: function (name, run, series, onReady, onPoints) {
      let id = name;
      for (let n = 2; subscriptions.has(id); n++) id = name + "." + n;
      const subscription = { id, run, series, cursor: null, epoch: null, onReady, onPoints };
      subscriptions.set(subscription.id, subscription);
      start();
      subscribe(subscription);
      return function () {
        subscriptions.delete(subscription.id);
        send({ type: "unsubscribe", id: subscription.id });
      };
    },
    watch: function (runs, watcher) {
      for (const run of runs) watchers.set(run, (watchers.get(run) || new Set()).add(watcher));
      start();
      watchAll();
      return function () {
        for (const run of runs) {
          const told = watchers.get(run);
          if (told && told.delete(watcher) && !told.size) watchers.delete(run);
        }
        send({ type: "watch", runs: [...watchers.keys()] });
      };
    },
  };

  const WORDS = { connecting: "connecting", live: "live", reconnecting: "connection lost, trying again",
    polling: "live, every 2 seconds" };
  const MEANINGS = { polling: "No WebSocket gets through, so the page asks again and again.",
    reconnecting: "The server does not answer; what is shown may be old." };
  tv.showLive = function (place) {
    place.dataset.live = tv.channel.state;
    place.textContent = "● " + WORDS[tv.channel.state];
    place.title = MEANINGS[tv.channel.state] || "";
  };
})(window.trainvitals);
