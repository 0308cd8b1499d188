"""Sphinx: `sphinx-build -W docs docs/_build`."""

project = "Concordat"
author = "Concordat contributors"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "Concordat"
exclude_patterns = ["_build"]
myst_heading_anchors = 3
