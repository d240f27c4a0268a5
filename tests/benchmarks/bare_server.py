"""The server of `trainvitals serve`, where the rules may be off: `bare_server.py DATABASE on|off`."""

import sys

from trainvitals_command.serving import assembly
from trainvitals_command.serving.address import bind
from trainvitals_command.serving.server import serve
from trainvitals_server import app
from trainvitals_server.settings import Settings


def main() -> None:
    """Serve until SIGTERM."""
    database, rules = sys.argv[1:3]
    if rules == "off":
        create_app = app.create_app
        assembly.create_app = lambda *parts, diagnosis, **named: create_app(*parts, **named)
    settings = Settings(port=0, database=database)
    with bind(settings.host, settings.port) as bound:
        settings = settings.model_copy(update={"port": bound.getsockname()[1]})
        with assembly.assemble(settings) as application:
            serve(application, settings, bound, lambda: print(f"ready at {settings.url}", flush=True))


if __name__ == "__main__":
    main()
