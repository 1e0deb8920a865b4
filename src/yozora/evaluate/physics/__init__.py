"""Whether films obey the laws of the world: what moves is compared with the truth, and lawful films with unlawful."""
