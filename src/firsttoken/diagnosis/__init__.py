"""Says how this process stands: what is observed and by whom else, where telemetry goes, and what was lost.

Part of the client half: it looks and asks, and changes nothing. `firsttoken doctor` shows it for a program.
"""

from firsttoken.diagnosis.diagnose import diagnose
from firsttoken.diagnosis.finding import Diagnosis, Finding, Level, Topic

__all__ = ["Diagnosis", "Finding", "Level", "Topic", "diagnose"]
