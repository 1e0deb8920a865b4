"""The Videos API over HTTP: bodies become orders, rows become answers."""
