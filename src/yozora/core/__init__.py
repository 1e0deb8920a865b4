"""What a film is before any model or file: requests, modes, canvases, and the sampler that fills them."""
