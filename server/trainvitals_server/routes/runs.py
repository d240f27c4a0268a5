"""Runs: create or resume, list, one, change, delete."""

import asyncio
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from trainvitals_server.errors import ApiError
from trainvitals_server.json_response import JsonResponse
from trainvitals_server.openapi import json_body
from trainvitals_server.query import EMPTY_IS_ABSENT
from trainvitals_server.request_bodies import CreateRun, PatchRun, read
from trainvitals_server.services import Server
from trainvitals_server.storage.contract import NewRun
from trainvitals_wire import report_check
from trainvitals_wire.errors import MalformedReport
from trainvitals_wire.limits import NAME_LENGTH_MAX
from trainvitals_wire.records import Layer, RunStatus

router = APIRouter(prefix="/api/v1")

DETAILS = frozenset({"environment", "dropped", "error", "capture"})
"""What only the page of one run shows."""

ENDED = frozenset({"finished", "failed", "aborted"})
"""The statuses after which nothing more is expected."""

RUNS_MAX = 1000
"""Most runs of one page of the list."""

Filter = Annotated[Annotated[str, Field(max_length=NAME_LENGTH_MAX)] | None, EMPTY_IS_ABSENT]
Cursor = Annotated[Annotated[str, Field(max_length=4096)] | None, EMPTY_IS_ABSENT]
Text = Annotated[str, Query(max_length=1024)]


@router.post("/runs", status_code=201, openapi_extra=json_body(CreateRun))
async def create(request: Request, server: Server) -> Response:
    body = await read(request, CreateRun)
    created = await asyncio.to_thread(server.store.create_run, _new_run(body))
    url = server.settings.run_url(created.id)
    return JsonResponse({**msgspec.to_builtins(created), "url": url}, 201)


def _new_run(body: CreateRun) -> NewRun:
    if body.resume == "must" and body.id is None:
        message = 'resume "must" needs the id of the run to go on with.'
        raise ApiError(422, "invalid_request", message, 'Give its "id", or leave "resume" out.')
    return NewRun(
        project=body.project,
        name=body.name,
        config=body.config,
        tags=tuple(dict.fromkeys(body.tags)),
        group=body.group,
        notes=body.notes,
        environment=body.environment,
        id=body.id,
        resume=body.resume,
        layers=_layers(body.layers),
    )


def _layers(layers: list[dict[str, Any]] | None) -> tuple[Layer, ...] | None:
    try:
        return None if layers is None else report_check.layers({"layers": layers})
    except MalformedReport as error:
        raise ApiError(
            422, "invalid_request", f"layers: {error}", "See docs/api.md for the shape of a layer."
        ) from error


@router.get("/runs")
async def runs(
    server: Server,
    project: Filter = None,
    status: Annotated[RunStatus | None, EMPTY_IS_ABSENT] = None,
    tag: Filter = None,
    group: Filter = None,
    search: Filter = None,
    archived: bool = False,
    sort: Text = "-created_at",
    limit: Annotated[int, Query(ge=1, le=RUNS_MAX)] = 100,
    cursor: Cursor = None,
) -> Response:
    def page() -> Any:
        return server.reader.runs(
            project=project,
            status=status,
            tag=tag,
            group=group,
            search=search,
            archived=archived,
            sort=sort,
            limit=limit,
            cursor=cursor,
        )

    return JsonResponse(await asyncio.to_thread(page))


@router.get("/runs/{run_id}")
async def run(run_id: str, server: Server) -> Response:
    return JsonResponse(await asyncio.to_thread(server.reader.run, run_id))


@router.patch("/runs/{run_id}", openapi_extra=json_body(PatchRun))
async def patch(run_id: str, request: Request, server: Server) -> Response:
    changes: dict[str, Any] = msgspec.to_builtins(await read(request, PatchRun))

    def change() -> dict[str, Any]:
        server.store.patch_run(run_id, changes)
        if server.diagnosis is not None and changes.get("status") in ENDED:
            server.diagnosis.finish(run_id, planned=changes["status"] == "finished")
        detail = server.reader.run(run_id)
        return {name: value for name, value in detail.items() if name not in DETAILS}

    answer = await asyncio.to_thread(change)
    server.hub.changed(run_id)
    return JsonResponse(answer)


@router.delete("/runs/{run_id}", status_code=204)
async def delete(run_id: str, server: Server) -> Response:
    def remove() -> None:
        server.store.delete_run(run_id)
        # Else a run made again under the same id would be judged by what was seen of this one.
        if server.diagnosis is not None:
            server.diagnosis.finish(run_id)

    await asyncio.to_thread(remove)
    server.hub.changed(run_id)
    return Response(status_code=204)
