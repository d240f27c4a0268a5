"""The application: every part of the server put together."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.types import ASGIApp

from trainvitals_server import error_answers
from trainvitals_server.access.exposure import check_exposure
from trainvitals_server.access.keys import Keys
from trainvitals_server.access.session import Sessions
from trainvitals_server.intake import Intake
from trainvitals_server.layers.stack import protect
from trainvitals_server.live.hub import Hub
from trainvitals_server.measures import Measures
from trainvitals_server.ranks.merging import Merging
from trainvitals_server.report_answers import ReportAnswers
from trainvitals_server.routing import add_routes
from trainvitals_server.services import MakeDiagnosis, Ready, Services
from trainvitals_server.settings import Settings
from trainvitals_server.states import States
from trainvitals_server.storage.compactor import Compactor
from trainvitals_server.upkeep.upkeep import Upkeep
from trainvitals_wire.reader import Reader

if TYPE_CHECKING:
    from trainvitals_server.storage.store import Store


class Application(FastAPI):
    """FastAPI, with our layers around all others.

    Dash adds a middleware that reads bodies; access and size must be checked before it, whatever is added later.
    """

    def build_middleware_stack(self) -> ASGIApp:
        return protect(super().build_middleware_stack(), self)


def create_app(
    settings: Settings,
    store: "Store",
    reader: Reader,
    *,
    ready: Ready = lambda: None,
    diagnosis: MakeDiagnosis | None = None,
    script_hashes: Sequence[str] = (),
) -> FastAPI:
    """The server around a store.

    `ready` says why requests cannot be served yet, None once they can (it may block). `diagnosis` makes what judges the
    runs from a function to call when warnings changed. `script_hashes` are the
    Content-Security-Policy sources (`'sha256-...'`) of the pages' inline scripts; they may be set later, before the
    first request, as `app.state.script_hashes`. The store, the diagnosis, the live channel and the watcher of run
    states start and stop with the application. Raises Exposed where others can reach the address and there is no key.
    """
    app = Application(
        title="trainvitals",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=_lifespan,
        redirect_slashes=False,
        telemetry={"auto_configure": False, "tracing": False, "metrics": False, "logs": False},
    )
    keys = Keys(settings.api_key, store)
    check_exposure(settings, keys)
    measures = Measures()
    measures.waiting.set_function(store.queued)
    store.listen(measures.count_stored)
    hub = Hub(store, measures)
    judging = None if diagnosis is None else diagnosis(hub.warnings_changed)
    if judging is not None:
        measures.passed_over.set_function(lambda: judging.passed_over)
    app.state.services = Services(
        settings=settings,
        store=store,
        reader=reader,
        hub=hub,
        states=States(store, settings),
        keys=keys,
        sessions=Sessions(settings.api_key, settings.base_path, secure=settings.url.startswith("https:")),
        measures=measures,
        ready=ready,
        diagnosis=judging,
        answers=None if judging is None else ReportAnswers(judging),
        merging=Merging(store),
        compactor=Compactor(store),
        intake=Intake(),
        upkeep=Upkeep(
            store,
            thin_histograms_after_days=settings.thin_histograms_after_days,
            delete_archived_after_days=settings.delete_archived_after_days,
        ),
    )
    app.state.script_hashes = tuple(script_hashes)
    error_answers.install(app)
    add_routes(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    started: list[Callable[[], object]] = []
    services.store.start()
    started.append(services.store.close)
    try:
        if services.diagnosis is not None:
            services.diagnosis.start()
            started.append(services.diagnosis.close)
        services.merging.start()
        started.append(services.merging.close)
        services.compactor.start()
        started.append(services.compactor.close)
        services.upkeep.start()
        started.append(services.upkeep.close)
        await services.hub.start()
        services.states.start()
        yield
    finally:
        await services.states.close()
        await services.hub.close()
        for close in reversed(started):
            close()
