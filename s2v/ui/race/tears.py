"""Which contestants of a race are torn where its training places lie, and the repair at a click."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from s2v import data
from s2v.data import Split
from s2v.data.held import cached_by_name
from s2v.encoders.registry import EncoderConfig
from s2v.models.recipe import Recipe
from s2v.models.torn import NEAR_KM, near_tears, repair, where_torn
from s2v.ui import contestants, locks
from s2v.ui.contestants import Contestant, EncoderMenu
from s2v.ui.messages import plain
from s2v.ui.page_state import PageState


def show(state: PageState, recipe: Recipe, chosen: Sequence[Contestant], menu: EncoderMenu) -> None:
    """Says it in a line for those that are torn at the same places, with a button for each that can be repaired.

    ``recipe`` is any of the race: all have the same training places.
    """
    slots = [slot for slot in contestants.SLOTS if state[slot] not in ("", contestants.EMPTY)]
    torn: dict[str, list[tuple[str, Contestant, EncoderConfig, int]]] = {}
    for slot, contestant in zip(slots, chosen, strict=True):
        config = contestant.choice
        if isinstance(config, EncoderConfig):
            count = _near(recipe.data, recipe.points, recipe.seed, recipe.split, config)
            if count:
                where = where_torn(config.name, dict(config.params))
                torn.setdefault(where, []).append((slot, contestant, config, count))
    for where, found in torn.items():
        names = [f"**{plain(contestant.title)}**" for _, contestant, _, _ in found]
        listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        lie = "place lies" if found[0][3] == 1 else "places lie"
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(
                f"{listed} {'is' if len(names) == 1 else 'are'} torn at {where}: one place there can have two "
                f"answers, by how its longitude is written. {found[0][3]:,} training {lie} within {NEAR_KM:.0f} km.",
                width="content",
            )
            for slot, contestant, config, _ in found:
                kind = repair(config.name, dict(config.params))
                if kind and not locks.is_fixed(slot):
                    mended = EncoderConfig.of(config.name, **{**dict(config.params), "frequencies": kind})
                    st.button(
                        f"{contestant.title}: {kind} frequencies",
                        key=f"{state.page} repair {slot}",
                        icon=":material/healing:",
                        type="tertiary",
                        on_click=state.put,
                        args=(slot, contestants.text(mended, menu)),
                        help="The repair: with these frequencies it has no tears.",
                    )


@cached_by_name(32)
def _near(name: str, points: int, seed: int, split: Split, config: EncoderConfig) -> int:
    """How many training places lie near a tear."""
    params = dict(config.params)
    if not where_torn(config.name, params):
        return 0
    try:
        dataset = data.load(name, points, seed, split)
    except ValueError:  # they cannot be split so: the race says it
        return 0
    return near_tears(config.name, params, dataset.lonlat[dataset.train])
