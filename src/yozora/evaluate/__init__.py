"""The evaluation: films of held-out prompts are read back from their pixels and compared with what was asked."""
