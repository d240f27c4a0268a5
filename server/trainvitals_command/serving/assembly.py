"""The application: database, store, diagnosis, routes and pages, put together in the one place that knows them all."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from fastapi import FastAPI
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from trainvitals_command.errors import CannotServe
from trainvitals_command.serving.database import open_database
from trainvitals_command.serving.rules import read_rules
from trainvitals_dashboards import PagesSettings, attach, script_hashes
from trainvitals_migrations import current, head
from trainvitals_server.access.exposure import Exposed
from trainvitals_server.app import create_app
from trainvitals_server.diagnosis.diagnosis import Diagnosis
from trainvitals_server.diagnosis.rules_file import RulesFile
from trainvitals_server.settings import Settings
from trainvitals_server.storage.reader import StorageReader
from trainvitals_server.storage.store import Store

HIDDEN_SETTINGS = frozenset({"api_key", "database"})
"""A page may be shown to more people than those may see."""


@contextmanager
def assemble(settings: Settings) -> Iterator[FastAPI]:
    """The application, ready to be served; its database is closed at the end. Raises CannotServe."""
    rules = read_rules(settings.rules)
    engine = open_database(settings.database)
    try:
        store = Store(engine)
        reader = StorageReader(store, settings.run_url)
        app = _application(settings, engine, store, reader, rules)
        pages = attach(app, reader, pages_settings(settings))
        app.state.script_hashes = tuple(script_hashes(pages))
        yield app
    finally:
        engine.dispose()


def _application(
    settings: Settings, engine: Engine, store: Store, reader: StorageReader, rules: RulesFile | None
) -> FastAPI:
    diagnosis = partial(Diagnosis, store, rules=rules)
    try:
        return create_app(settings, store, reader, ready=lambda: not_ready(engine), diagnosis=diagnosis)
    except Exposed as error:
        raise CannotServe(str(error)) from error


def pages_settings(settings: Settings) -> PagesSettings:
    """What the pages are told; nothing that is secret."""
    shown = [name for name in Settings.model_fields if name not in HIDDEN_SETTINGS]
    return PagesSettings(
        server_address=settings.url,
        path_prefix=settings.base_path,
        server_settings=tuple((name, _words(getattr(settings, name)), _meaning(name)) for name in shown),
    )


def _words(value: object) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _meaning(name: str) -> str:
    return Settings.model_fields[name].description or ""


def not_ready(engine: Engine) -> str | None:
    """Why the database cannot be used, None where it can."""
    try:
        version = current(engine)
    except SQLAlchemyError as error:
        return f"The database does not answer: {getattr(error, 'orig', error)}"
    if version != head():
        return f"The database has schema {version}, this server needs {head()}: restart it to upgrade."
    return None
