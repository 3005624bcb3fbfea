"""How the browser gets our own components: a folder in ``assets/components`` for each.

It holds ``frame.html``, ``style.css`` and ES modules, of which ``main.js`` is the first.  They import each other by
relative names, so they need addresses with a folder in common.  Streamlit serves a component's folder under
``_stcore/bidi-components/NAME/``: below ``server.baseUrlPath``, to every session, for as long as the server runs.
Nothing else does all of that: JavaScript given as text is sent with every message and cannot import its neighbours; a
media file belongs to one session, goes when a run of its page is cut short, and has a name that no file can import;
static files need an option and a folder beside each script.

Streamlit finds such folders by itself in installed packages only, but the lab also runs from a clone; hence
``register_from_manifest``, the method that Streamlit itself calls with what it has found.
"""

from __future__ import annotations

import hashlib
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

from s2v.assets import asset_path

ENTRY = "main.js"  # its default export is what Streamlit calls
MAX_COMPONENTS = 8

_lock = threading.Lock()  # sessions run in threads of their own


def component(name: str) -> Any:
    """The function that puts the component in the folder ``name`` on a page."""
    if not runtime.exists():  # a script run by plain Python: there is no browser
        return st.components.v2.component(name)
    with _lock:
        return _registered(get_bidi_component_manager(), name)


def ignore() -> None:
    """A callback for reports that the page reads from the result: Streamlit only reports what has a callback."""


@lru_cache(maxsize=MAX_COMPONENTS)  # a process has one server; tests start others after it
def _registered(manager: BidiComponentManager, name: str) -> Any:
    folder = asset_path("components", name, ENTRY).parent
    # A browser keeps modules by address: a page that outlives a restart of the server must not keep old ones.
    config = ComponentConfig(f"{name}-{_digest(folder)}", asset_dir=folder.name)
    manager.register_from_manifest(ComponentManifest("s2v", "", [config]), folder.parent)
    html, css = ((folder / file).read_text(encoding="utf-8") for file in ("frame.html", "style.css"))
    return st.components.v2.component(f"s2v.{config.name}", html=html, css=css, js=ENTRY)


def _digest(folder: Path) -> str:
    """A short name for the content of all files in a folder."""
    content = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        content.update(f"{path.name} {path.stat().st_size} ".encode() + path.read_bytes())
    return content.hexdigest()[:12]
