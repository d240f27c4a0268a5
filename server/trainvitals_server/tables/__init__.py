"""The SQLAlchemy table classes, one a file; importing this package declares them all."""

from trainvitals_server.tables.alert import Alert
from trainvitals_server.tables.api_key import ApiKey
from trainvitals_server.tables.axis import Axis
from trainvitals_server.tables.base import Base
from trainvitals_server.tables.chunk import Chunk
from trainvitals_server.tables.columns import Columns
from trainvitals_server.tables.compaction import Compaction
from trainvitals_server.tables.deletion import Deletion
from trainvitals_server.tables.fact import Fact
from trainvitals_server.tables.frame import Frame
from trainvitals_server.tables.histogram import Histogram
from trainvitals_server.tables.histogram_state import HistogramState
from trainvitals_server.tables.histogram_sum import HistogramSum
from trainvitals_server.tables.incident import Incident
from trainvitals_server.tables.layers import Layers
from trainvitals_server.tables.mute import Mute
from trainvitals_server.tables.rule_states import RuleStates
from trainvitals_server.tables.run import Run
from trainvitals_server.tables.series import Series
from trainvitals_server.tables.tag import Tag
from trainvitals_server.tables.warning import StoredWarning
from trainvitals_server.tables.writer import Writer

__all__ = [
    "Alert",
    "ApiKey",
    "Axis",
    "Base",
    "Chunk",
    "Columns",
    "Compaction",
    "Deletion",
    "Fact",
    "Frame",
    "Histogram",
    "HistogramState",
    "HistogramSum",
    "Incident",
    "Layers",
    "Mute",
    "RuleStates",
    "Run",
    "Series",
    "StoredWarning",
    "Tag",
    "Writer",
]
