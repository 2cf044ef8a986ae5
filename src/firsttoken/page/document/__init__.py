"""A report to hand on: one document with charts for a colleague who has nothing installed, as HTML or as a picture."""
