"""Encoders by name: the lab's own and those of installed packages.  Free of torch."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from s2v.encoders import plugins
from s2v.encoders.entries import SPECS
from s2v.encoders.spec import EncoderSpec
from s2v.errors import shown

if TYPE_CHECKING:
    from s2v.encoders.base import Encoder

log = logging.getLogger(__name__)


class Encoders(Mapping[str, EncoderSpec]):
    """All encoders by name.  Installed packages are asked when the first one is looked up.

    Not earlier: such a package, imported first, imports this module before its own spec exists.
    """

    def __init__(self) -> None:
        self._specs = {spec.name: spec for spec in SPECS}
        self._plugin_errors: list[str] | None = None
        self._lock = RLock()

    def __getitem__(self, name: str) -> EncoderSpec:
        return self._loaded()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._loaded())

    def __len__(self) -> int:
        return len(self._loaded())

    def __repr__(self) -> str:
        return repr(self._loaded())

    @property
    def plugin_errors(self) -> list[str]:
        """A sentence for each installed package whose encoders are left out."""
        self._loaded()
        return self._plugin_errors or []

    def _loaded(self) -> dict[str, EncoderSpec]:
        with self._lock:
            if self._plugin_errors is None:
                self._plugin_errors = []  # a package that looks up encoders while it loads finds the lab's own
                brought, self._plugin_errors = plugins.load(self._specs)
                self._specs = self._specs | brought
                for sentence in self._plugin_errors:
                    log.warning(sentence)
            return self._specs


ENCODERS = Encoders()


def spec(name: str) -> EncoderSpec:
    """The spec of that name; ``ValueError`` lists the names there are."""
    try:
        return ENCODERS[name]
    except (KeyError, TypeError):  # TypeError: lists and the like
        raise ValueError(f"encoder={shown(name)} is unknown; there are: {', '.join(ENCODERS)}.") from None


def split_text(text: str) -> tuple[str, dict[str, str]]:
    """The name and the parameters, unchecked, of a text such as "sphereM:scales=16,min_radius=0.01"."""
    name, _, tail = text.partition(":")
    params: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in tail.split(","))):
        key, equals, value = part.partition("=")
        if not equals:
            raise ValueError(f"{shown(part)} is not a parameter; write it as name=value, such as scales=16.")
        params[key.strip()] = value.strip()
    return name.strip(), params


def encoder(name: str, **params: Any) -> Encoder:
    """Build the encoder of that name, a ``torch.nn.Module``.

    It maps ``lonlat`` (..., 2) in degrees, longitude first, to features (..., dim) of the same dtype and device,
    differentiable in the location.

    Parameters
    ----------
    name : str, one of ``s2v.ENCODERS``
    **params : the encoder's own parameters, as in ``s2v.ENCODERS[name].parameters``; the others keep their defaults

    Returns
    -------
    Encoder, with ``dim``, the number of features, and ``params``, all parameters

    Raises
    ------
    ValueError : for a name or a parameter that does not exist, or a value out of range

    Examples
    --------
    >>> import s2v, torch
    >>> enc = s2v.encoder("sphereM", scales=4, min_radius=0.1)
    >>> enc.dim, enc.params["max_radius"]
    (20, 1.0)
    >>> enc(torch.tensor([[15.6, 78.2], [0.0, 90.0]])).shape
    torch.Size([2, 20])
    """
    return spec(name).build(**params)


@dataclass(frozen=True)
class EncoderConfig:
    """An encoder's name with all its parameters, hashable and picklable.

    Parameters
    ----------
    name : str, one of ``s2v.ENCODERS``
    params : pairs of name and value, sorted; ``EncoderConfig.of`` makes them

    Examples
    --------
    >>> from s2v.encoders import EncoderConfig
    >>> config = EncoderConfig.of("nerf", scales=4)
    >>> config == EncoderConfig.of("nerf", scales="4"), config.build().dim
    (True, 24)
    """

    name: str
    params: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def of(cls, name: str, **params: Any) -> EncoderConfig:
        """Checked, with the defaults filled in, so that equal encoders are equal."""
        return cls(name, tuple(sorted(spec(name).check(params).items())))

    @classmethod
    def parse(cls, text: str) -> EncoderConfig:
        """The encoder of a text such as "sphereM:scales=16,min_radius=0.01"; ``ValueError`` for any other."""
        name, params = split_text(text)
        return cls.of(name, **params)

    @property
    def text(self) -> str:
        """What ``parse`` reads: the name, with the parameters that differ from their defaults."""
        usual = {p.name: p.default for p in spec(self.name).parameters}
        changed = [f"{name}={value}" for name, value in self.params if value != usual[name]]
        return self.name + (":" + ",".join(changed) if changed else "")

    @property
    def title(self) -> str:
        """The encoder's title, with the kind of its frequencies unless they are the published ones."""
        kind = dict(self.params).get("frequencies", "geometric")
        return spec(self.name).title + ("" if kind == "geometric" else f", {kind} frequencies")

    @property
    def features(self) -> int | None:
        """How many features the code has; None where that is known only once the encoder is built."""
        return spec(self.name).features_of(dict(self.params))

    @property
    def table_size(self) -> int:
        """How many numbers the encoder's learned table holds; 0 without one."""
        return spec(self.name).table_size(dict(self.params))

    @property
    def aimed_kernel(self) -> Callable[[NDArray[Any]], NDArray[Any]] | None:
        """What the similarity of a random code is on average, at distances in radians; None for most encoders."""
        found, params = spec(self.name), dict(self.params)
        return partial(found.aimed_kernel, params) if found.aimed_kernel and not found.is_auto(params) else None

    def build(self) -> Encoder:
        """The encoder, a ``torch.nn.Module``."""
        return encoder(self.name, **dict(self.params))
