"""What every page is built from."""

from dataclasses import dataclass

from trainvitals_dashboards.links import Links
from trainvitals_dashboards.settings import PagesSettings
from trainvitals_wire.reader import Reader


@dataclass(frozen=True, slots=True)
class PageContext:
    """Handed to each page and panel; `reader` blocks, so pages are built in a thread."""

    reader: Reader
    settings: PagesSettings

    @property
    def links(self) -> Links:
        return Links(self.settings.path_prefix)
