"""Real calls through the real SDKs, held against conventions/gen_ai.json."""
