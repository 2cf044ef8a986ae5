"""Spans around the application's own work, with the calls that it makes inside them.

A function, a block, an agent, a tool: whatever is marked becomes a span of the tree to which its calls belong.
"""

from firsttoken.spans.kinds import agent, step, tool, workflow
from firsttoken.spans.marked import Marked, traced

__all__ = ["Marked", "agent", "step", "tool", "traced", "workflow"]
