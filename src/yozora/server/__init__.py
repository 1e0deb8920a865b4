"""The Videos API: an HTTP edge, durable jobs, storage, and workers that own an engine each."""
