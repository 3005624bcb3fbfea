"""The map on the page as Python and as commands."""

from __future__ import annotations

from s2v import data
from s2v.fields import Field
from s2v.models.map_snippets import DrawnMap, map_code, map_command
from s2v.ui import copying
from s2v.ui.maps import printing
from s2v.ui.maps.settings import Choice, Look
from s2v.ui.race import veil


def show(found: Field, choice: Choice, look: Look) -> None:
    """Shows how to make the map without the page, from the model's file."""
    drawn = drawn_map(found, choice, look)
    remark = "With the model's file, which the button Model above gives." if drawn.file else ""
    if drawn.rival:
        remark += f" {drawn.rival} is the other model's: choose it under Map of."
    copying.show(map_code(drawn), map_command(drawn), "maps", remark)


def drawn_map(found: Field, choice: Choice, look: Look) -> DrawnMap:
    """What is on the page, a field with its colours, as the snippets describe it."""
    source, recipe = choice.source, choice.source.recipe
    classes = source.dataset.classes
    single = choice.quantity in ("probability", "difference") and bool(classes)
    layout = dict(look.layout)
    return DrawnMap(
        file=f"{source.file_name}.safetensors" if recipe else "",
        quantity=choice.quantity,
        data="" if source.described or data.is_own(source.data) else source.data,
        points=recipe.points if recipe else 0,
        seed=recipe.seed if recipe else 0,
        split=recipe.split if recipe else "random",
        of=classes[choice.number] if single else "",
        has_classes=bool(classes),
        rival=f"{choice.rival.file_name}{_second(choice)}.safetensors" if choice.rival else "",
        degrees=look.degrees,
        projection=str(layout.pop("name")),
        layout=layout,
        title=look.title or found.title,
        units=found.units,
        caption=printing.caption(choice) if look.caption else "",
        colormap="" if found.classes else found.colormap,
        limits=None if found.classes else found.limits,
        coast=look.coast,
        graticule=look.graticule,
        dark=look.dark,
        dpi=look.dpi,
        veil="" if choice.veil == veil.OFF or not source.has_places else choice.veil,
        name=printing.file_name(choice),
    )


def _second(choice: Choice) -> str:
    """What tells the file of the second model from that of the first, where both have one name."""
    return "-2" if choice.rival and choice.rival.file_name == choice.source.file_name else ""
