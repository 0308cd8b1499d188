"""Jobs of breaches."""
