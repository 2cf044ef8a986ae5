"""The vocabulary: names of the semantic conventions and our own, and how a Call becomes attributes and back."""
