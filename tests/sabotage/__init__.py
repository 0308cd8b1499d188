"""Guards taken away one at a time, to see that the normal tests notice it: see loop.py. Run: python -m tests.sabotage"""
