"""Location encoders: places in, features out.  One family a file; ``registry`` says what there is."""

from s2v.encoders.registry import ENCODERS, EncoderSpec, Setting, encoder, spec

__all__ = ["ENCODERS", "EncoderSpec", "Setting", "encoder", "spec"]
