"""问策: answers citizens' questions about one government policy, each answer with its proof."""

__version__ = "0.1.0"
