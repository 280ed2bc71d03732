"""How the documentation is built: ``sphinx-build -W docs docs/_build``."""

from comotion import __version__

project = "comotion-sdk"
author = "The comotion-sdk contributors"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {"description": "Comotion Dash from Python", "page_width": "72rem"}

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say types, units and ranges
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_custom_sections = [("Warns", "returns_style")]
myst_heading_anchors = 3
