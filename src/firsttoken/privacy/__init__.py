"""What may leave the process and how much: content policy, redactors, budgets, a safe encoder, a content store."""
