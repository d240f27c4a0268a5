"""A viewer: one open live channel, its subscriptions, and how far each of them is."""

import asyncio
import contextlib
from dataclasses import dataclass

from starlette.websockets import WebSocket, WebSocketDisconnect

from trainvitals_server.live import messages
from trainvitals_server.live.hub import Hub
from trainvitals_server.live.messages import control
from trainvitals_server.storage.contract import Position
from trainvitals_server.storage.errors import RunNotFound

PING_SECONDS = 15.0
"""A ping so often keeps proxies from closing a quiet channel."""


@dataclass(slots=True)
class Subscription:
    """Some series of a run, sent up to `cursor`, which counts in `epoch`."""

    id: str
    run_id: str
    keys: tuple[str, ...]
    cursor: int
    epoch: str


class Viewer:
    """Answers what a viewer asks, and sends it ranges since its cursors: nothing queues up for a slow one."""

    def __init__(self, hub: Hub, socket: WebSocket) -> None:
        self._hub = hub
        self._socket = socket
        self._subscriptions: dict[str, Subscription] = {}
        self._watched: tuple[str, ...] = ()
        self._joining: set[str] = set()
        self._news: dict[str, str] = {}
        self._awake = asyncio.Event()
        self._stopped = asyncio.Event()

    @property
    def runs(self) -> set[str]:
        """The runs of its subscriptions."""
        return {subscription.run_id for subscription in self._subscriptions.values()} | self._joining

    def wake(self) -> None:
        """There may be something new."""
        self._awake.set()

    def tell(self, run_id: str, message: str) -> None:
        """Send news of a run; news not sent yet are replaced."""
        self._news[run_id] = message
        self._awake.set()

    def lose(self, run_id: str) -> None:
        """A run is gone: end its subscriptions, and say so."""
        for subscription in [entry for entry in self._subscriptions.values() if entry.run_id == run_id]:
            del self._subscriptions[subscription.id]
            message = f"there is no run {run_id} any more: it was deleted"
            self.tell(f"gone {subscription.id}", _refusal("run_not_found", message, subscription.id))

    def stop(self) -> None:
        """End the conversation."""
        self._stopped.set()

    async def serve(self) -> None:
        """Converse until either side ends it."""
        await self._socket.accept()
        self._hub.join(self)
        jobs = [self._listen(), self._send(), self._ping(), self._stopped.wait()]
        tasks = [asyncio.ensure_future(job) for job in jobs]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hub.leave(self)
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await self._socket.close(1012 if self._stopped.is_set() else 1000)
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect):
                raise result

    async def _listen(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            try:
                asked = messages.decode(message.get("text") or message.get("bytes") or "")
            except messages.MalformedMessage as error:
                await self._refuse("malformed_message", str(error))
            else:
                await self._answer(asked)

    async def _answer(self, asked: messages.Message) -> None:
        match asked:
            case messages.Subscribe():
                await self._subscribe(asked)
            case messages.Unsubscribe():
                self._subscriptions.pop(asked.id, None)
                self._watch()
                self._hub.release()
            case messages.Watch():
                self._watched = tuple(asked.runs)
                self._watch()
            case messages.Ping():
                await self._socket.send_text(control("pong"))

    async def _subscribe(self, asked: messages.Subscribe) -> None:
        self._subscriptions.pop(asked.id, None)
        if len(self._subscriptions) >= messages.SUBSCRIPTIONS_MAX:
            await self._refuse(
                "too_many_subscriptions", f"at most {messages.SUBSCRIPTIONS_MAX} on one channel", asked.id
            )
            return
        # Named before anything is awaited, or the hub could forget the run in between.
        self._joining.add(asked.run)
        try:
            await self._join(asked, await self._hub.position(asked.run))
        except RunNotFound as error:
            await self._refuse("run_not_found", str(error), asked.id)
        finally:
            self._joining.discard(asked.run)

    async def _join(self, asked: messages.Subscribe, position: Position) -> None:
        start = position.cursor if asked.cursor is None else asked.cursor
        lost = start > position.cursor or (asked.cursor is not None and asked.epoch != position.epoch)
        cursor = position.cursor if lost else start
        subscription = Subscription(asked.id, asked.run, tuple(dict.fromkeys(asked.series)), cursor, position.epoch)
        await self._socket.send_text(
            control("reset" if lost else "subscribed", id=asked.id, run=asked.run, cursor=cursor, epoch=position.epoch)
        )
        self._subscriptions[asked.id] = subscription
        self._watch()
        self._hub.nudge()

    def _watch(self) -> None:
        self._hub.news.watch(self, {*self._watched, *self.runs})

    async def _send(self) -> None:
        while True:
            await self._awake.wait()
            self._awake.clear()
            for subscription in list(self._subscriptions.values()):
                await self._send_range(subscription)
            while self._news:
                _, message = self._news.popitem()
                await self._socket.send_text(message)

    async def _send_range(self, subscription: Subscription) -> None:
        found = await self._hub.range(
            subscription.id, subscription.run_id, subscription.keys, subscription.cursor, subscription.epoch
        )
        if found is None:
            return
        if found.reset:
            await self._socket.send_text(
                control("reset", id=subscription.id, run=subscription.run_id, cursor=found.cursor, epoch=found.epoch)
            )
        for message in found.messages:
            if self._subscriptions.get(subscription.id) is not subscription:
                return
            await self._socket.send_bytes(message)
            self._hub.measures.ranges.inc()
        subscription.cursor, subscription.epoch = found.cursor, found.epoch

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(PING_SECONDS)
            await self._socket.send_text(control("ping"))

    async def _refuse(self, code: str, message: str, id_: str | None = None) -> None:
        await self._socket.send_text(_refusal(code, message, id_))


def _refusal(code: str, message: str, id_: str | None) -> str:
    return control("error", code=code, message=message, id=id_)
