"""Train `mini`: autoencoder, text encoder and transformer, from takes of the world. Needs torch, numpy, safetensors and rich alone."""
