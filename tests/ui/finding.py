"""Finding widgets, and the address, in an ``AppTest``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from streamlit.testing.v1 import AppTest


def keyed(widgets: Iterable[Any], key: str) -> Any:
    """The widget of a key, however often its setting was changed from outside (``PageState.widget_key``)."""
    (found,) = (widget for widget in widgets if re.sub(r" \(\d+\)", "", widget.key or "") == key)
    return found


def address(app: AppTest) -> dict[str, str]:
    """The address of the page; AppTest hands a list for each name."""
    return {name: value[-1] if isinstance(value, list) else value for name, value in dict(app.query_params).items()}
