"""The pages: a Dash app, its charts and its live script."""

from trainvitals_dashboards.attach import attach, script_hashes
from trainvitals_dashboards.settings import PagesSettings

__all__ = ["PagesSettings", "attach", "script_hashes"]
