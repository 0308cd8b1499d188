"""SQL of breaches."""
