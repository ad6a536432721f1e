"""callguard: permission with proof for support agents."""

__version__ = "0.1.0"
