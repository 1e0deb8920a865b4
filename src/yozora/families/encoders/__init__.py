"""Encoders of prompts and pictures that open weights were trained with, by transformers: words or pixels to features.

They know nothing of canvases, presets or where files are. transformers is imported when one is built.
"""
