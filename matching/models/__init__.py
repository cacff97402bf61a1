"""Declared models: what is compared, how candidates are found, which rules hold before any weight."""
