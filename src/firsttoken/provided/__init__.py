"""Files that come with the package: boards for Grafana, rules for Prometheus, configurations for the Collector.

They are made and kept at the top of the repository. A wheel carries them beside this module; where the package runs
from a clone, they are read where they are.
"""

from firsttoken.provided.boards import Board, boards
from firsttoken.provided.configurations import Configuration, configurations
from firsttoken.provided.files import below, text_of

__all__ = ["Board", "Configuration", "below", "boards", "configurations", "text_of"]
