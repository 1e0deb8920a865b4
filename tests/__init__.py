"""A package of its own: some libraries install one of this name, which worker processes of tests would find instead."""
