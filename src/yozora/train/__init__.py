"""Train `mini` from takes of the world. Needs torch, numpy, safetensors and rich alone."""
