"""How fast, how large, how close to the limit and how soon learned; beside it the published code, in the same run.

    python -m s2v bench encoders
    python -m s2v bench learning
    python -m s2v bench live
    python -m s2v bench pages
    python -m s2v bench precision
    python -m s2v bench step

The published code is the optional package ``torchspatial`` (``make bench-tools``); without it its columns are empty.
"""
