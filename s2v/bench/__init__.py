"""How fast, how large, and how close to the limit; beside it the published code, in the same run.

    python -m s2v bench encoders
    python -m s2v bench step
    python -m s2v bench pages

The published code is the optional package ``torchspatial`` (``make bench-tools``); without it its columns are empty.
"""
