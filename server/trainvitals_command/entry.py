"""Where the `trainvitals` command starts: with typer where it is installed, without it where only the SDK is.

Nothing but the standard library may be imported at the top of this file.
"""

import sys

OWN_PACKAGES = ("trainvitals", "trainvitals_wire", "trainvitals_server", "trainvitals_dashboards")
EXTRAS = {"psycopg": "trainvitals[server,postgres]"}
SERVER_EXTRA = "trainvitals[server]"
DEMO_PACKAGES = {"torch": "torch", "sklearn": "scikit-learn"}

COULD_NOT = 2
STOPPED = 130
"""What shells call a program that Ctrl-C ended."""


def main() -> int:
    """Run the command line; the exit code is 0 for done, 1 for an answer "no", 2 for wrong use or could not."""
    arguments = sys.argv[1:]
    try:
        return _run(arguments)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if not package or package in OWN_PACKAGES or package == "trainvitals_command":
            raise
        print(_how_to_install(arguments, package), file=sys.stderr)
        return COULD_NOT
    except KeyboardInterrupt:
        return STOPPED


def _run(arguments: list[str]) -> int:
    try:
        import typer  # noqa: F401
    except ModuleNotFoundError:
        from trainvitals_command.bare import run_bare

        return run_bare(arguments)
    from trainvitals_command.application import run_application

    return run_application(arguments)


def _how_to_install(arguments: list[str], package: str) -> str:
    command = f"trainvitals {arguments[0]}" if arguments else "trainvitals"
    if package in DEMO_PACKAGES:
        return f"{command} needs {DEMO_PACKAGES[package]}, which is not installed: pip install {DEMO_PACKAGES[package]}"
    extra = EXTRAS.get(package, SERVER_EXTRA)
    return f'{command} needs {package}, which is not installed: pip install "{extra}"'
