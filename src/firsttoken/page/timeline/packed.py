"""A timeline as bytes that a browser reads without parsing: typed arrays one behind the other.

Little-endian: the number of chunks and whether there are lengths (two 32-bit integers), then of all chunks when they
arrived and how long they were waited for (64-bit floats of milliseconds), their lengths where there are any (32-bit
integers), and what they carried (bytes).
"""

from __future__ import annotations

import struct

from firsttoken.call.timeline import Timeline

LARGEST_LENGTH = 2**32 - 1


def packed(timeline: Timeline) -> bytes:
    """What `static/timeline_data.js` reads."""
    count, lengths = len(timeline.arrived_ns), timeline.lengths
    return b"".join(
        (
            struct.pack("<2I", count, lengths is not None),
            struct.pack(f"<{count}d", *(ns / 1e6 for ns in timeline.arrived_ns)),
            struct.pack(f"<{count}d", *(ns / 1e6 for ns in timeline.waited_ns)),
            b"" if lengths is None else struct.pack(f"<{count}I", *(min(each, LARGEST_LENGTH) for each in lengths)),
            bytes(content & 0xFF for content in timeline.contents),
        )
    )
