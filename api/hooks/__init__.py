"""The door for webhooks, as raw ASGI: the hot path meets no router, no middleware and no framework."""
