"""The networks: spacetime transformer, video autoencoder, text encoder. Tensors in, tensors out, no files."""
