"""Diagnosis: rules judge a run's signals; findings become warnings with a life, and warnings become incidents."""

from trainvitals_server.diagnosis.diagnosis import Diagnosis
from trainvitals_server.diagnosis.judge import Judge

__all__ = ["Diagnosis", "Judge"]
