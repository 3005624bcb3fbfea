"""Drawings of fields and curves: every renderer takes a ``Field`` and none knows torch or streamlit.

Import the module that is needed (``s2v.figures.globe``, ``.polar``, ``.charts``, ...): cartopy, pydeck and plotly
each cost part of a second, so nothing is imported here.
"""
