"""`GET /figures/<chart>?runs=...`: a chart as the JSON of a plotly figure, for the page's script to fill with life."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from trainvitals_dashboards.chart_folder import Chart, all_charts
from trainvitals_dashboards.shared import Shared
from trainvitals_dashboards.view import View, parse
from trainvitals_wire.reader import NotFound, Reader


def add(app: FastAPI, reader: Reader) -> None:
    """Register the route; it must come before Dash's catch-all, which answers every other GET with a page."""

    shared = Shared()

    async def figure(chart: str, request: Request) -> Response:
        known = all_charts().get(chart)
        if known is None:
            return _error(404, "chart_not_found", f"There is no chart {chart!r}.", f"Known: {', '.join(all_charts())}.")
        view = parse(request.url.query)
        if not view.runs:
            return _error(422, "run_missing", "The query names no run.", "Add ?runs=ID, or several with commas.")
        try:
            # A query with a version names one state of the run, which many viewers ask for at once.
            key = (chart, request.url.query) if "version" in request.query_params else object()
            text = await shared.get(key, lambda: _figure_json(known, reader, view))
        except NotFound as error:
            return _error(404, error.code, str(error), "The address may be old, or the run deleted.")
        return Response(text, media_type="application/json", headers={"Cache-Control": "no-store"})

    app.add_api_route("/figures/{chart}", figure, methods=["GET"], include_in_schema=False)


def _figure_json(chart: Chart, reader: Reader, view: View) -> str:
    text: str = chart.draw(reader, view).to_json()
    return text


def _error(status: int, code: str, message: str, hint: str) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message, "hint": hint}}, status)
