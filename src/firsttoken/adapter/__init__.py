"""One streaming interface over providers: every token when it arrives, and what happened at the end."""
