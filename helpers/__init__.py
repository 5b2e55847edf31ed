"""Helpers behind the notebooks: study → texts → cleaning → segment → terms → topics → facts → frames → inference → figures."""

__version__ = "0.1.0"
