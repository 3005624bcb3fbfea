"""Which lessons this browser has finished.  It alone keeps that, under its own key of ``localStorage``."""

from __future__ import annotations

from s2v.lessons import NAMES
from s2v.ui.components import component, ignore


def finished(key: str, label: str = "", mark: str = "", step: str = "") -> frozenset[str]:
    """The lessons that the browser says are finished; empty until it has answered.

    ``mark`` is one to add; ``label`` names the region of the page in which this stands, for screen readers, and a new
    ``step`` moves the focus to its beginning.
    """
    data = {"mark": mark, "label": label, "step": step}
    reply = component("lessons")(key=key, data=data, on_finished_change=ignore)
    found = reply.get("finished") or []
    return frozenset(name for name in found if name in NAMES)
