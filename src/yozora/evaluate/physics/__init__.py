"""Whether films obey the laws of the world: what moves is compared with the truth, possible films with impossible."""
