"""The guest of Orket for Python extensions: everything but its first lines."""
