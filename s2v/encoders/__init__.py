"""Location encoders: places in, features out.  One family a file; ``registry`` lists them."""

from s2v.encoders.registry import ENCODERS, EncoderConfig, encoder, spec
from s2v.encoders.spec import EncoderSpec

__all__ = ["ENCODERS", "EncoderConfig", "EncoderSpec", "encoder", "spec"]
