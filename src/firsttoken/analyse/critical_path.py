"""What a trace waited for: the spans that end last, from the end of the root back to its start.

At any moment of a root one span is the last to end, and nothing that ran beside it held the root up. A child counts as
far as it lies within its parent.
"""

from __future__ import annotations

from firsttoken.analyse.trace_tree import Tree


def critical_times(tree: Tree, root: int) -> dict[int, int]:
    """For each span on the path, how many nanoseconds of it the span did not wait for another one below it."""
    times: dict[int, int] = {}
    piece = tree.pieces[root]
    waiting = [(root, piece.started_unix_ns, max(piece.started_unix_ns, piece.ended_unix_ns))]
    while waiting:
        number, begin, end = waiting.pop()
        own_ns, cursor = 0, end
        for child in sorted(tree.children[number], key=lambda child: (-tree.pieces[child].ended_unix_ns, child)):
            child_end = min(tree.pieces[child].ended_unix_ns, end)
            child_begin = max(tree.pieces[child].started_unix_ns, begin)
            if begin < child_end <= cursor and child_begin < child_end:
                own_ns += cursor - child_end
                waiting.append((child, child_begin, child_end))
                cursor = child_begin
        times[number] = own_ns + max(0, cursor - begin)
    return times
