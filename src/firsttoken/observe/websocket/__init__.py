"""Responses over a WebSocket: one recording per response, whatever else the socket carries."""
