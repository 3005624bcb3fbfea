"""Encoders and trained models side by side.

``questions``, ``results`` and ``sources`` are free of torch; ``answering`` is not.
"""
