"""The order of the layers."""

from starlette.applications import Starlette
from starlette.types import ASGIApp

from trainvitals_server.layers.body_limit import BodyLimit
from trainvitals_server.layers.boundary import Boundary
from trainvitals_server.layers.compression import Compression
from trainvitals_server.layers.gate import Gate
from trainvitals_server.layers.head import Head
from trainvitals_server.layers.latency import Latency
from trainvitals_server.layers.prefix import Prefix
from trainvitals_server.layers.security_headers import SecurityHeaders
from trainvitals_server.services import Services


def protect(inner: ASGIApp, app: Starlette) -> ASGIApp:
    """The application inside its layers; a request passes them from the last line to the first."""
    services: Services = app.state.services
    inner = Compression(inner)
    inner = BodyLimit(inner)
    inner = Gate(inner, services)
    inner = Boundary(inner)
    inner = SecurityHeaders(inner, app)
    inner = Head(inner)
    inner = Latency(inner, services.measures)
    return Prefix(inner, services.settings.base_path)
