"""What is known of an encoder before it is built: parameters, source and facts.  Free of torch."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from numpy.typing import NDArray

from s2v.encoders.frequencies import frequencies
from s2v.parameters import AUTO, Parameter, check_all

if TYPE_CHECKING:
    from s2v.encoders.base import Encoder

MAX_EXCESS = 1.5  # how much higher than 1 / min_radius the highest of the whole frequencies may be

Params = Mapping[str, Any]
Fact = bool | Callable[[Params], bool]  # true of the encoder, or of some of its parameters only


@dataclass(frozen=True)
class Scale:
    """The parameter that decides how fine an encoder's code is.

    In a recipe it may be "auto": it then follows from the training places (``s2v.models.scales``).  Trials choose it
    (``s2v.models.tuning``).

    Parameters
    ----------
    parameter : str, its name
    value : function of a radius in radians, the finest detail wanted; it may be out of the parameter's range
    least : function of the parameters, radians: the spacing of what the code is made of, such as anchors, below which
        that of the training places no longer counts
    low, high : float, optional, a narrower range, where finer values take too long to be tried

    Examples
    --------
    >>> import s2v
    >>> s2v.ENCODERS["grid"].scale.parameter, s2v.ENCODERS["xyz"].scale
    ('min_radius', None)
    """

    parameter: str
    value: Callable[[float], float]
    least: Callable[[Params], float] = lambda p: 0.0
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True)
class Landmarks:
    """What the places of ``Encoder.landmarks`` are.

    Parameters
    ----------
    word : str, in plural, such as "sites"
    learned : bool, whether they move in training

    Examples
    --------
    >>> import s2v
    >>> s2v.ENCODERS["rbf"].landmarks
    Landmarks(word='anchors', learned=False)
    """

    word: str
    learned: bool = False


@dataclass(frozen=True)
class EncoderSpec:
    """An encoder's entry in ``s2v.ENCODERS``: what it is, its parameters, and facts that ``s2v.testing`` checks.

    Parameters
    ----------
    name : str, unique; in addresses, recipes and files
    title : str, for people
    summary : str, one sentence
    reference : str, paper, equation or file that it follows
    implementation : str, "package.module:Class", imported when the encoder is built
    parameters : tuple of Parameter, which the class takes by name
    spherical : bool, built for the sphere and not for a flat map
    sphere2vec : "proposed", "baseline" or "", the part that it has in the experiments of the Sphere2Vec paper
    wavenumber : float, for a multi-scale encoder: the frequency of a wave that closes after one turn of longitude.
        The class then takes ``frequencies`` in place of scales and radii
    dateline : bool or function of the parameters, whether the code at longitude -180 is the code at +180
    poles : bool or function of the parameters, whether each pole has one code at all longitudes
    smooth : bool, differentiable as often as wanted wherever it is continuous
    isotropic : bool, the dot product of two codes depends on the great-circle distance of their places alone
    features : function of the parameters, how many features the code has; without it, known only once built
    table : function of the parameters, how many numbers a learned table holds
    work : function of the parameters, nanoseconds of one core that a place's code takes in a training step, derivatives
        of a learned one included, where these are many times its number of features
    aimed_kernel : function of the parameters and of great-circle distances in radians, for a random code: its
        similarity, averaged over all seeds
    held : function of the parameters, about how many float64 numbers a learned encoder holds for a place in a step
        of training, beside its features
    landmarks : Landmarks, what the places are that the encoder is made of; None for one made of none
    scale : Scale, what to choose for the places at hand; None for a code that is equally fine whatever its parameters
    example : dict, parameters for tests: small, and such that every one of them matters

    Examples
    --------
    >>> import s2v
    >>> spec = s2v.ENCODERS["sphereM"]
    >>> spec.title, spec.continuous_at_poles(), spec.continuous_at_poles({"frequencies": "odd"})
    ('Sphere2Vec sphereM', False, True)
    >>> [parameter.name for parameter in spec.parameters]
    ['scales', 'min_radius', 'max_radius', 'frequencies']
    """

    name: str
    title: str
    summary: str
    reference: str
    implementation: str
    parameters: tuple[Parameter, ...] = ()
    spherical: bool = False
    sphere2vec: Literal["", "proposed", "baseline"] = ""
    wavenumber: float | None = None
    dateline: Fact = False
    poles: Fact = False
    smooth: bool = True
    isotropic: bool = False
    features: Callable[[Params], int] | None = None
    table: Callable[[Params], int] | None = None
    work: Callable[[Params], float] | None = None
    aimed_kernel: Callable[[Params, NDArray[Any]], NDArray[Any]] | None = None
    held: Callable[[Params], int] | None = None
    landmarks: Landmarks | None = None
    scale: Scale | None = None
    example: Params = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if self.scale is not None:
            named = self.scale.parameter
            own = tuple(replace(p, auto=True) if p.name == named else p for p in self.parameters)
            object.__setattr__(self, "parameters", own)
            if not any(p.auto for p in own):
                raise ValueError(f"the scale of encoder {self.name!r} is {named!r}, which is none of its parameters.")

    def check(self, params: Params) -> dict[str, Any]:
        """All parameters: the given ones checked, the others at their defaults.  The scale may be "auto"."""
        checked = check_all(self.parameters, params, f"encoder {self.name!r}")
        if self.wavenumber is not None:
            self._frequencies(self._in_numbers(checked))  # raises for radii that do not rise
        return checked

    def in_numbers(self, params: Params | None = None) -> dict[str, Any]:
        """All parameters, with a number in place of an "auto": the default, as far as the others allow."""
        return self._in_numbers(self.check(params or {}))

    def is_auto(self, params: Params | None = None) -> bool:
        """Whether the scale is left to the data."""
        return self.scale is not None and (params or {}).get(self.scale.parameter) == AUTO

    def frequencies(self, params: Params | None = None) -> tuple[float, ...]:
        """Frequencies of a multi-scale encoder, the highest first; empty for one without scales."""
        return () if self.wavenumber is None else self._frequencies(self.in_numbers(params))

    def continuous_at_dateline(self, params: Params | None = None) -> bool:
        """Whether the code at longitude -180 is the code at +180."""
        return self._holds(self.dateline, params)

    def continuous_at_poles(self, params: Params | None = None) -> bool:
        """Whether each pole has one code at all longitudes."""
        return self._holds(self.poles, params)

    def features_of(self, params: Params | None = None) -> int | None:
        """How many features the code has; None where that is known only once the encoder is built."""
        return self.features(self.in_numbers(params)) if self.features else None

    def table_size(self, params: Params | None = None) -> int:
        """How many numbers the encoder's learned table holds; 0 without one."""
        return self.table(self.in_numbers(params)) if self.table else 0

    def work_of(self, params: Params | None = None) -> float:
        """Nanoseconds of one core that a place's code takes in a training step; 0 where that is too little to count."""
        return self.work(self.in_numbers(params)) if self.work else 0.0

    def held_in_step(self, params: Params | None = None) -> int:
        """About how many float64 numbers a learned encoder holds for a place in a step, beside its features."""
        return self.held(self.in_numbers(params)) if self.held else 0

    def has_scale(self, params: Params | None = None) -> bool:
        """Whether ``at_radius`` changes the code: not without a ``scale``, nor with one scale alone."""
        one = self.wavenumber is not None and self.in_numbers(params)["scales"] == 1
        return self.scale is not None and not one

    @property
    def scale_parameter(self) -> Parameter:
        """The parameter that ``scale`` names; ``ValueError`` for an encoder without a scale."""
        found = [p for p in self.parameters if self.scale is not None and p.name == self.scale.parameter]
        if not found:
            raise ValueError(f"encoder {self.name!r} has no scale to choose.")
        return found[0]

    def at_radius(self, radius: float, params: Params) -> dict[str, Any]:
        """All parameters, with the scale moved to a radius in radians, as far as its range and the others allow.

        Whole frequencies are distinct, so there are no more scales than fit between the radii.  ``ValueError`` for an
        encoder without a scale.
        """
        if self.scale is None:
            raise ValueError(f"encoder {self.name!r} has no scale to choose.")
        checked = self.in_numbers(params)
        parameter = self.scale_parameter
        low = max(self.scale.low, -math.inf if parameter.low is None else parameter.low)
        high = min(self.scale.high, math.inf if parameter.high is None else parameter.high)
        if self.wavenumber is not None:
            high = min(high, checked["max_radius"] / 2)
        value = min(max(self.scale.value(radius), low), high)
        value = round(value) if parameter.kind is int else float(f"{value:.3g}")
        found = self.check({**checked, parameter.name: value})
        if self.wavenumber is not None:
            while found["scales"] > 1 and self._frequencies(found)[0] > MAX_EXCESS / value:
                found["scales"] -= 1
        return found

    def build(self, **params: Any) -> Encoder:
        """The encoder, a ``torch.nn.Module``.

        ``ValueError`` for a parameter that does not exist or is out of range, for "auto", and where the class raises.
        """
        checked = self.check(params)
        if self.is_auto(checked):
            named = self.scale_parameter
            raise ValueError(
                f"{named.name}={AUTO!r} follows from places to learn, and encoder {self.name!r} alone has none: give "
                f"a number, such as the default {named.default:g}, or train it with s2v.fit(s2v.Recipe(...))."
            )
        arguments = dict(checked)
        if self.wavenumber is not None:
            for name in ("scales", "min_radius", "max_radius"):
                del arguments[name]
            arguments["frequencies"] = self._frequencies(checked)
        module, _, name = self.implementation.partition(":")
        try:
            encoder: Encoder = getattr(importlib.import_module(module), name)(**arguments)
        except Exception as error:  # an installed package's class may raise anything
            raise ValueError(
                f"encoder {self.name!r} cannot be built by {self.implementation}: {type(error).__name__}: {error}"
            ) from error
        encoder.name, encoder.params = self.name, checked
        return encoder

    def _holds(self, fact: Fact, params: Params | None) -> bool:
        checked = self.in_numbers(params)
        return fact(checked) if callable(fact) else fact

    def _in_numbers(self, checked: Params) -> dict[str, Any]:
        if not self.is_auto(checked):
            return dict(checked)
        parameter = self.scale_parameter
        value = parameter.default
        if self.wavenumber is not None:
            value = min(value, checked["max_radius"] / 2)
        return {**checked, parameter.name: value}

    def _frequencies(self, p: Params) -> tuple[float, ...]:
        kind = p.get("frequencies", "geometric")
        return frequencies(p["scales"], p["min_radius"], p["max_radius"], kind, self.wavenumber or 1.0)
