"""Finding widgets in an ``AppTest``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any


def keyed(widgets: Iterable[Any], key: str) -> Any:
    """The widget of a key, however often its setting was changed from outside (``PageState.widget_key``)."""
    (found,) = (widget for widget in widgets if re.sub(r" \(\d+\)", "", widget.key or "") == key)
    return found
