"""How much memory and time a film takes, and how a model is laid out so that it fits: arithmetic on configurations.

`models` says what a model is made of, `transformers` and `autoencoders` what their passes hold at once, `planner` which
arrangement fits into the bounds that are stated, `prediction` what a film of it takes. Knows no files and loads
nothing; needs no torch.
"""
