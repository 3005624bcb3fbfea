"""The link builder: which page the class opens, what is prepared on it, what is fixed or hidden, and the QR code."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit import config

from s2v import lessons
from s2v.ui import locks, origins
from s2v.ui.lessons import visited
from s2v.ui.messages import plain
from s2v.ui.page_state import PageState
from s2v.ui.projector import ON
from s2v.ui.teaching import links
from s2v.ui.teaching.links import ClassLink

PAGE = "teach"  # of this builder, in the address
AS_IT_STANDS, AS_IT_STARTS = "as I have set it up", "as it starts"
NOT_SENT = ("race", "camera")  # settings of a page that a class does not need: each runs its own race
LESSON = "lesson "  # and its name: a choice of what the link opens, beside the pages
_KEY = "class link"


@dataclass(frozen=True)
class _Offer:
    """A page that a link can open: its title, its file, and the groups of settings on it."""

    title: str
    file: str
    groups: tuple[str, ...]


OFFERS: Mapping[str, _Offer] = {
    "train": _Offer(
        "Train: a race",
        "pages/train.py",
        ("data", "encoders", "steps", "network", "learning", "seed", "trials", "pace", "maps", "curves"),
    ),
    "similarity": _Offer("Similarity", "pages/similarity.py", ("encoders", "place", "maps", "curves")),
    "distortion": _Offer("Distortion", "pages/distortion.py", ("encoders", "frequencies", "maps")),
}


def show(board: str, own_seeds: bool) -> None:
    """Shows the builder; ``board`` is the code of the class's board, "" without one, on which each student may have
    a seed of their own."""
    st.subheader("A link for the class", anchor=False)
    left, right = st.columns([3, 2], gap="large")
    with left:
        link = _chosen(board, own_seeds)
        server = _server_widget()
    if server:
        address = link.address(server)
        with left:
            st.caption("The link, to copy:")
            st.code(address, language=None, wrap_lines=True)
            st.link_button("Open it as a student would", address, icon=":material/open_in_new:")
            st.caption(
                "Fixed and hidden controls are a help, no protection: whoever edits the address of a page can change "
                "them. They hold on every page that the student goes to from there, until the tab is closed."
            )
        with right:
            _show_code(address)


def show_board_link(code: str) -> None:
    """Shows the code of a board, and the link to it for the wall."""
    st.markdown(f"The code of the board is **{code}**; it is in the link above. For the wall, in projector mode:")
    server = st.session_state.get(f"{_KEY} server") or _found_server()
    try:
        address = ClassLink(PAGE, also={"board": code, "projector": ON}).address(links.check_server(server))
    except ValueError:  # said beside the field
        return
    st.code(address, language=None, wrap_lines=True)


def _chosen(board: str, own_seeds: bool) -> ClassLink:
    choices = [*OFFERS, *(LESSON + name for name in lessons.NAMES)]
    page = st.selectbox("The link opens", choices, key=f"{_KEY} page", format_func=_title_of_choice)
    if page.startswith(LESSON):
        return _lesson_link(page.removeprefix(LESSON))
    offer = OFFERS[page]
    settings = _prepared(page)
    groups = list(offer.groups)
    fix = st.multiselect(
        "Fix: shown, but not to be changed",
        groups,
        key=f"{_KEY} fix {page}",
        format_func=_title,
        placeholder="Nothing",
        help="Each gets a lock and the words “set by your teacher”.",
    )
    hide = st.multiselect(
        "Hide: not shown at all",
        [name for name in groups if name not in fix],
        key=f"{_KEY} hide {page}",
        format_func=_title,
        placeholder="Nothing",
        help="What is hidden keeps the value that the link has.",
    )
    also: dict[str, str] = {}
    if board and page == "train" and st.checkbox(f"With the class's board {board}", True, key=f"{_KEY} board"):
        also["board"] = board
        if own_seeds:
            settings.pop("seed", None)
    return ClassLink(page, settings, fix, hide, also | _projector_widget())


def _lesson_link(name: str) -> ClassLink:
    """The link that opens a lesson at its beginning."""
    lesson = lessons.load(name, visited.language())
    st.caption(
        f"{lesson.minutes} minutes, {len(lesson.steps)} steps. A lesson prepares each page that it leads to, so "
        "nothing is fixed or hidden."
    )
    first = lesson.steps[0]
    return ClassLink(first.page, first.address, also={"lesson": name, "lesson_step": "1"} | _projector_widget())


def _projector_widget() -> dict[str, str]:
    return {"projector": ON} if st.checkbox("In projector mode", key=f"{_KEY} projector") else {}


def _title_of_choice(choice: str) -> str:
    if choice.startswith(LESSON):
        return f"Lesson: {lessons.load(choice.removeprefix(LESSON), visited.language()).title}"
    return OFFERS[choice].title


def _prepared(page: str) -> dict[str, str]:
    """The settings that the link carries: those of the page as it stands in this session, or none.

    What a new session has anyway is left out, since a short link makes a QR code that is easy to read.
    """
    now, usual = PageState.addresses().get(page, {}), PageState.defaults().get(page, {})
    changed = {name: value for name, value in now.items() if name not in NOT_SENT and usual.get(name) != value}
    # One encoder alone would bring the others along as they are elsewhere in a session.
    slots = locks.GROUPS["encoders"].settings
    if any(name in changed for name in slots):
        changed = {name: value for name, value in now.items() if name in changed or name in slots}
    key = f"{_KEY} prepared"
    if not now:
        st.session_state.pop(key, None)
        st.caption("It opens as the page starts. To prepare it, set the page up first, then come back:")
        st.page_link(OFFERS[page].file, label=f"Set up {OFFERS[page].title}", icon=":material/tune:")
        return {}
    how = st.segmented_control("Prepared", [AS_IT_STANDS, AS_IT_STARTS], default=AS_IT_STANDS, key=key, required=True)
    if how == AS_IT_STARTS:
        return {}
    words = "; ".join(f"{name} {value}" for name, value in changed.items())
    st.caption(plain(f"It carries: {words}." if words else "That is how the page starts: nothing was changed on it."))
    return changed


def _title(group: str) -> str:
    return locks.GROUPS[group].title


def _server_widget() -> str:
    """The server's address for students, "" where what was typed is none."""
    found = _found_server()
    if links.is_local(found):
        st.warning(_say_local(found), icon=":material/wifi_off:")
    given = st.text_input(
        "Address of this server for students",
        found,
        key=f"{_KEY} server",
        max_chars=links.MAX_ADDRESS,
        help="As the browsers of your students reach it; that of your own browser unless you change it.",
    )
    try:
        return links.check_server(given)
    except ValueError as error:
        st.error(plain(str(error)), icon=":material/link_off:")
        return ""


def _found_server() -> str:
    """The server's address as this browser has it."""
    return links.server_of(st.context.url or f"http://localhost:{config.get_option('server.port')}/", PAGE)


def _say_local(server: str) -> str:
    """Why students do not reach this address, and what to do."""
    text = f"{server} is an address of this computer alone: students cannot open it. "
    port = server.rpartition(":")[2].strip("/").partition("/")[0]
    port = f":{port}" if port.isdigit() else ""
    addresses = links.own_addresses()
    listens = config.get_option("server.address") not in origins.LOOPBACK
    if not listens:
        return plain(text) + "Start the lab with `sphere2vec-lab --host 0.0.0.0`, then open it by this computer's name."
    if not addresses:
        return plain(text) + "This computer is in no network that others could reach it by."
    known = ", ".join(f"http://{address}{port}/" for address in addresses[:3])
    return plain(f"{text}In its network it is {known}: open this page there, or type that address below.")


def _show_code(address: str) -> None:
    """The QR code of the link, and itself as a file."""
    try:
        picture = links.qr_code(address)
    except ValueError as error:
        st.error(plain(str(error)), icon=":material/qr_code:")
        return
    encoded = base64.b64encode(picture).decode("ascii")
    st.html(
        f'<img src="data:image/svg+xml;base64,{encoded}" alt="QR code of the link" '
        'style="width: min(100%, 22rem); background: #fff; border-radius: .5rem; image-rendering: pixelated;">'
    )
    st.download_button(
        "QR code as SVG",
        picture,
        "class-link.svg",
        "image/svg+xml",
        icon=":material/qr_code:",
        key=f"{_KEY} code",
        on_click="ignore",
    )
