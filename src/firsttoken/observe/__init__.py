"""SDK call -> recording -> Call. Observes from within and changes nothing the caller can see."""
