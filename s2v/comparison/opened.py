"""Opens files of models that users bring: published checkpoints, and safetensors of this lab."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from s2v.comparison import sources, understood
from s2v.comparison.results import OpenedModel
from s2v.comparison.sources import TrainedModel
from s2v.errors import clipped
from s2v.models.checkpoints import dumps, loads
from s2v.models.geoclip_package import GeoClip
from s2v.models.model import LocationModel
from s2v.models.sine_file import SineEmbedding
from s2v.models.torchspatial import loads_checkpoint, loads_embedding

MAX_MEMORY = 1 << 30  # bytes that opening a file may take, and
MEMORY_PER_BYTE = 6  # for each of its bytes: weights of half precision, as float32, as a model, and as its new file

_STATM = Path("/proc/self/statm")


def opened_model(source: TrainedModel, classes: tuple[str, ...] = ()) -> OpenedModel:
    """A file as a model of this lab; ``ValueError`` says why it is none, or that it took too much memory."""
    content = sources.content(source.digest)
    try:
        with _limited_memory(MAX_MEMORY + MEMORY_PER_BYTE * len(content)):
            if (embedding := loads_embedding(content, source.title)) is not None:
                return (
                    _of_geoclip(content, embedding) if isinstance(embedding, GeoClip) else _of_sines(content, embedding)
                )
            return _of_lab(content, source.title) if content[8:9] == b"{" else _published(content, source, classes)
    except BaseException as error:
        if not _lacks_memory(error):
            raise
        raise ValueError(
            f"{source.title} takes more memory than its {len(content):,} bytes may: it was not opened."
        ) from None


def _lacks_memory(error: BaseException) -> bool:
    """Whether an error says so in one of its ways: torch raises a RuntimeError, safetensors a panic, no Exception."""
    return isinstance(error, MemoryError | RuntimeError) or type(error).__name__ == "PanicException"


def _published(content: bytes, source: TrainedModel, classes: tuple[str, ...]) -> OpenedModel:
    found = loads_checkpoint(content, source.title, classes or None)
    return OpenedModel(dumps(found.model), found.understood, found.remarks, found.data)


def _of_geoclip(content: bytes, geoclip: GeoClip) -> OpenedModel:
    lines = (
        "source: github.com/VicenteVivan/geo-clip, the location encoder",
        f"encoder: Equal Earth coordinates, random Fourier features at {len(geoclip.directions)} levels of detail",
        f"network: four linear layers a level, {geoclip.dim} numbers in all",
        "classes: none, it is an embedding of places that was learned with images",
    )
    about = "GeoCLIP's location encoder as its authors trained it: three networks on a flat map, Equal Earth."
    on = "places of Flickr photographs"
    return OpenedModel(content, lines, (), on, True, "GeoCLIP (trained)", about, "geoclip_rff")


def _of_sines(content: bytes, found: SineEmbedding) -> OpenedModel:
    encoder = f"spherical harmonics of degrees below {found.degree}" if found.degree else "the unit vector"
    lines = (
        "source: safetensors with the layers of SatCLIP's location encoder (github.com/microsoft/satclip)",
        f"encoder: {encoder}",
        f"network: {found.layers} layers of sines and a linear one, {found.dim} numbers in all",
        "classes: none, it is an embedding of places",
        f"data: {clipped(found.trained_on) or 'not said'}",
    )
    about = (
        f"A trained sine network on {encoder}, as SatCLIP's location encoder: its code is what the last layer gives."
    )
    untrained = f"spherical_harmonics:degree={found.degree}" if found.degree else "xyz"
    title = f"Sine network, degree {found.degree}" if found.degree else "Sine network on xyz"
    return OpenedModel(content, lines, (), clipped(found.trained_on), True, title, about, untrained)


def _of_lab(content: bytes, title: str) -> OpenedModel:
    try:
        model = loads(content)
    except ValueError as error:
        raise ValueError(clipped(f"{title} cannot be opened: {error}")) from None
    if not isinstance(model, LocationModel):
        raise ValueError(
            f"{title} is a reference predictor ({model.name}): it has no encoder and no network to look into. Give the "
            "file of a network."
        )
    recipe = model.recipe
    return OpenedModel(
        content, understood.lines(recipe, model.task, len(model.classes)), (), understood.data_title(recipe)
    )


@contextmanager
def _limited_memory(more: int) -> Iterator[None]:
    """Lets this process take so many bytes more, where the system can tell; beyond them there is a ``MemoryError``."""
    try:
        import resource

        used = int(_STATM.read_text().split()[0]) * resource.getpagesize()
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = used + more if soft == resource.RLIM_INFINITY else min(used + more, soft)
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    except (ImportError, OSError, ValueError, IndexError):  # not Linux
        yield
        return
    try:
        yield
    finally:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
