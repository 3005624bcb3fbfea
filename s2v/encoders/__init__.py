"""Location encoders: places in, features out.  One family a file; ``registry`` says what there is."""

from s2v.encoders.registry import ENCODERS, EncoderConfig, EncoderSpec, encoder, spec

__all__ = ["ENCODERS", "EncoderConfig", "EncoderSpec", "encoder", "spec"]
