"""A program that imports the SDKs and does nothing with them: `python -m firsttoken.diagnosis.imports`."""

from typing import Final

from firsttoken.diagnosis.sdks import import_sdks

IMPORTS_ONLY: Final = "imports.py"
"""The name of this program in its own diagnosis."""

if __name__ == "__main__":
    import_sdks()
