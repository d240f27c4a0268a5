"""How often viewers are told, and that a slow one holds nobody up: with sockets and pauses made by hand."""

import asyncio
import json

import pytest

from trainvitals_server.live.hub import TICK_SECONDS, Hub
from trainvitals_server.live.viewer import Viewer
from trainvitals_server.measures import Measures
from trainvitals_server.storage.contract import NewRun
from trainvitals_server.storage.store import Store
from trainvitals_wire.live import decode_points


class Socket:
    """A WebSocket whose other end is the test; it takes nothing while `open` is cleared."""

    def __init__(self):
        self.heard = asyncio.Queue()
        self.said = asyncio.Queue()
        self.open = asyncio.Event()
        self.open.set()

    async def accept(self):
        pass

    async def close(self, code):
        pass

    async def receive(self):
        return {"type": "websocket.receive", "text": await self.said.get()}

    async def send_text(self, text):
        await self.open.wait()
        self.heard.put_nowait(json.loads(text))

    async def send_bytes(self, body):
        await self.open.wait()
        self.heard.put_nowait(decode_points(body))

    async def points(self):
        while isinstance(found := await self.heard.get(), dict):
            pass
        return found


class Pauses:
    """Ticks end when the test says so; the slower watchers never wake."""

    def __init__(self):
        self.tick = asyncio.Semaphore(0)
        self.waiting = asyncio.Event()

    async def __call__(self, seconds):
        if seconds == TICK_SECONDS:
            self.waiting.set()
            await self.tick.acquire()
            self.waiting.clear()
        else:
            await asyncio.Event().wait()


@pytest.fixture
def converse(served_engine, writer):
    """Runs `conversation(hub, pauses, run, append)` on a started hub."""

    def run_(conversation):
        async def main():
            store = Store(served_engine)
            store.start()
            pauses = Pauses()
            hub = Hub(store, Measures(), pause=pauses)
            await hub.start()
            created = store.create_run(NewRun("p", "n"))
            run = writer({"id": created.id, "writer_id": created.writer_id})

            heard, loop = asyncio.Semaphore(0), asyncio.get_running_loop()
            store.listen(lambda _: loop.call_soon_threadsafe(heard.release))

            async def append(sequence):
                # Listeners are told in the order in which they came: when this one is, the hub was.
                await asyncio.wrap_future(store.append(run.run_id, run.losses(sequence)))
                await heard.acquire()

            try:
                await asyncio.wait_for(conversation(hub, pauses, run, append), 30)
            finally:
                await hub.close()
                store.close()

        asyncio.run(main())

    return run_


async def view(hub, run):
    socket = Socket()
    task = asyncio.create_task(Viewer(hub, socket).serve())
    socket.said.put_nowait(json.dumps({"type": "subscribe", "id": "a", "run": run.run_id, "series": ["loss"]}))
    assert (await socket.heard.get())["type"] == "subscribed"
    return socket, task


async def end(*tasks):
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def test_what_is_stored_within_a_tick_comes_as_one_range(converse):
    async def conversation(hub, pauses, run, append):
        socket, task = await view(hub, run)
        await append(1)
        # The subscription or the first report began a tick; until it ends nothing more is sent.
        await pauses.waiting.wait()
        for sequence in range(2, 9):
            await append(sequence)
        ranges = []
        while not ranges or ranges[-1].cursor < 8:
            pauses.tick.release()
            ranges.append(await socket.points())
        assert len(ranges) <= 3
        assert [step for points in ranges for step in points.frame.steps] == list(range(80))
        await end(task)

    converse(conversation)


def test_a_viewer_that_reads_slowly_gets_one_range_later_and_holds_nobody_up(converse):
    async def conversation(hub, pauses, run, append):
        slow, slow_task = await view(hub, run)
        quick, quick_task = await view(hub, run)
        slow.open.clear()
        seen = []
        for sequence in range(1, 6):
            await append(sequence)
            while not seen or seen[-1].cursor < sequence:
                pauses.tick.release()
                seen.append(await quick.points())
        assert [step for points in seen for step in points.frame.steps] == list(range(50))
        slow.open.set()
        late = []
        while not late or late[-1].cursor < 5:
            pauses.tick.release()
            hub.nudge()
            late.append(await slow.points())
        assert [step for points in late for step in points.frame.steps] == list(range(50))
        assert len(late) <= 2, "nothing queued up for it"
        await end(slow_task, quick_task)

    converse(conversation)


def test_runs_that_nobody_views_any_more_are_forgotten(converse):
    async def conversation(hub, pauses, run, append):
        socket, task = await view(hub, run)
        assert list(hub._runs) == [run.run_id]
        socket.said.put_nowait(json.dumps({"type": "unsubscribe", "id": "a"}))
        socket.said.put_nowait(json.dumps({"type": "ping"}))
        while (await socket.heard.get()) != {"type": "pong"}:
            pass
        assert hub._runs == {}
        await end(task)
        assert hub._viewers == set()
        assert hub.news._watchers == {}

    converse(conversation)
