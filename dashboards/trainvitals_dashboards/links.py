"""The addresses of the pages, behind the path prefix of the public URL."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlencode


@dataclass(frozen=True, slots=True)
class Links:
    """Builds the address of each page; every part is escaped."""

    prefix: str = ""

    def runs(self) -> str:
        return f"{self.prefix}/"

    def run(self, run_id: str) -> str:
        return f"{self.prefix}/runs/{quote(run_id, safe='')}"

    def layer(self, run_id: str, layer: str) -> str:
        return f"{self.run(run_id)}/layers/{quote(layer, safe='')}"

    def compare(self, run_ids: Iterable[str] = ()) -> str:
        query = urlencode({"runs": ",".join(run_ids)}, safe=",")
        return f"{self.prefix}/compare" + (f"?{query}" if query != "runs=" else "")

    def settings(self) -> str:
        return f"{self.prefix}/settings"
