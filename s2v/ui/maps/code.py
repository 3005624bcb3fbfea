"""The map on the page as Python and as a command."""

from __future__ import annotations

from s2v import data
from s2v.models.map_snippets import DrawnMap, map_code, map_command
from s2v.ui import copying
from s2v.ui.maps.settings import Choice, Look


def show(choice: Choice, look: Look) -> None:
    """Shows how to make the map without the page, from the model's file."""
    drawn = drawn_map(choice, look)
    remark = "With the model's file, which the button Model above gives." if drawn.file else ""
    copying.show(map_code(drawn), map_command(drawn), "maps", remark)


def drawn_map(choice: Choice, look: Look) -> DrawnMap:
    """What is on the page, as the snippets describe it."""
    source, recipe = choice.source, choice.source.recipe
    classes = source.dataset.classes
    single = choice.quantity in ("probability", "difference") and bool(classes)
    layout = dict(look.layout)
    return DrawnMap(
        file=f"{source.file_name}.safetensors" if recipe else "",
        quantity=choice.quantity,
        data="" if data.is_own(source.data) else source.data,
        points=recipe.points if recipe else 0,
        seed=recipe.seed if recipe else 0,
        split=recipe.split if recipe else "random",
        of=classes[choice.number] if single else "",
        has_classes=bool(classes),
        rival=f"{choice.rival.file_name}.safetensors" if choice.rival else "",
        degrees=look.degrees,
        projection=look.projection,
        edge=float(str(layout.get("edge", 50.0))),
    )
