"""Clients that send reports as fast as the server takes them, over HTTP; threads of this process."""

import http.client
import itertools
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import numpy as np

from trainvitals_wire.encoding import CONTENT_TYPE, encode
from trainvitals_wire.frame import Frame, columns_id
from trainvitals_wire.report import Report

SERIES = 1000
STEPS = 10
KEYS = ("loss", *(f"activation_std/blocks.{n}" for n in range(SERIES - 1)))


@dataclass
class Sent:
    """What became of the reports, and how long the answers took, in seconds."""

    answers: "Counter[int]" = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


class Sender:
    """One client with a run and a kept-alive connection of its own."""

    def __init__(self, server: str) -> None:
        parts = urlsplit(server)
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        created = self._json("POST", "/api/v1/runs", {"project": "benchmark", "name": "ingest"})
        self.run_id, self.writer_id = created["id"], created["writer_id"]
        self.sequences = itertools.count(1)
        self.noise = np.random.default_rng(0).normal(size=(16, STEPS, SERIES)).astype(np.float32)
        self.size = np.exp(np.linspace(-6, 2, SERIES)).astype(np.float32)
        self.known: set[str] = set()

    def _json(self, method: str, path: str, body: object) -> dict[str, str]:
        self.connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
        answer: dict[str, str] = json.loads(self.connection.getresponse().read())
        return answer

    def body(self) -> bytes:
        """The next report: numbers that wander by a few per cent."""
        sequence = next(self.sequences)
        steps = np.arange(STEPS) + (sequence - 1) * STEPS
        values = self.size * (1 + 0.03 * self.noise[sequence % len(self.noise)])
        body = encode(Report(self.writer_id, sequence, (Frame(KEYS, steps, 1.7e9 + 0.1 * steps, values),)), self.known)
        self.known.add(columns_id(KEYS))
        return body

    def send(self, body: bytes) -> tuple[int, float]:
        """Status and the seconds of Retry-After."""
        self.connection.request("POST", f"/api/v1/runs/{self.run_id}/reports", body, {"Content-Type": CONTENT_TYPE})
        answer = self.connection.getresponse()
        answer.read()
        return answer.status, float(answer.getheader("Retry-After") or 0)


def send_prepared(server: str, clients: int, reports: int) -> tuple[float, Sent]:
    """Each client sends `reports` reports that were made before; returns seconds and what became of them."""
    senders = [Sender(server) for _ in range(clients)]
    for sender in senders:
        sender.send(sender.body())
    prepared = [[sender.body() for _ in range(reports)] for sender in senders]
    sent, ready = Sent(), threading.Barrier(clients + 1)

    def work(sender: Sender, bodies: list[bytes]) -> None:
        ready.wait()
        for body in bodies:
            began = time.perf_counter()
            while (answer := sender.send(body))[0] == 429:
                sent.answers[429] += 1
                time.sleep(answer[1])
            sent.answers[answer[0]] += 1
            sent.seconds.append(time.perf_counter() - began)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(senders, prepared, strict=True)]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began, sent
