"""The gates: asset checks, and the same functions for assets that refuse what did not pass."""
