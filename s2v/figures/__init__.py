"""Drawings of fields and curves.  Every renderer of maps takes a ``Field``, and none imports torch or Streamlit.

Import the module you need (``s2v.figures.globe``, ``.polar``, ``.charts``, ...): cartopy, pydeck and plotly each take
part of a second to import, so this package imports none of them.
"""
