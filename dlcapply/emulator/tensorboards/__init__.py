"""TensorBoards: created, started, stopped, listed; each costs while it runs, and nothing keeps them apart."""
