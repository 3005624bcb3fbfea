"""What every encoder promises, as tests to run on encoders of your own.  Needs pytest and hypothesis.

    python -m s2v.testing NAME...          the named encoders
    pytest --pyargs s2v.testing            all encoders, those of installed packages too
    pytest --pyargs s2v.testing -k NAME    those whose name contains NAME

An encoder's tests use the ``example`` of its ``EncoderSpec``, and check each fact that the spec states both ways.
"""
