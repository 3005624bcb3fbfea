"""Links for a class: the address of a prepared page, with what is fixed or hidden on it, and its QR code."""

from __future__ import annotations

import io
import ipaddress
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit, urlunsplit

import psutil  # type: ignore[import-untyped]
import segno

from s2v.ui import origins
from s2v.ui.messages import shorten

MAX_ADDRESS = 200  # characters of the server's address
MAX_LINK = 2000  # characters: browsers and QR codes take that many


@dataclass(frozen=True)
class ClassLink:
    """What a link opens: a page with its settings, and what holds on all pages of the visit."""

    page: str
    settings: Mapping[str, str] = field(default_factory=dict)
    fix: Sequence[str] = ()
    hide: Sequence[str] = ()
    also: Mapping[str, str] = field(default_factory=dict)  # projector, board, lesson

    def address(self, server: str) -> str:
        """The link, on a server whose address ends with "/".

        Examples
        --------
        >>> ClassLink("train", {"data": "geoid"}, fix=["data", "steps"]).address("http://host/lab/")
        'http://host/lab/train?data=geoid&fix=data,steps'
        """
        lists = {name: ",".join(names) for name, names in (("fix", self.fix), ("hide", self.hide)) if names}
        query = urlencode({**self.settings, **lists, **self.also}, safe=",:=")
        return f"{server}{self.page}{'?' + query if query else ''}"


def check_server(text: str) -> str:
    """The address of a server as it was typed, with "/" at its end; ``ValueError`` says what is allowed.

    Examples
    --------
    >>> check_server(" http://labpc.school.edu:8501/lab ")
    'http://labpc.school.edu:8501/lab/'
    """
    given = text.strip()
    what = f"{shorten(given)!r} is not the address of a server, such as http://labpc.school.edu:8501/."
    if len(given) > MAX_ADDRESS or not given.isascii() or not given.isprintable():
        raise ValueError(what)
    try:
        parts = urlsplit(given)
        parts.port  # noqa: B018  (a number that is too large raises)
    except ValueError:
        raise ValueError(what) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or " " in given:
        raise ValueError(what)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") + "/", "", ""))


def server_of(page_url: str, page: str) -> str:
    """The server's address, from that of one of its pages in the browser; its base path stays.

    Examples
    --------
    >>> server_of("http://host:8501/lab/teach?board=X", "teach")
    'http://host:8501/lab/'
    """
    parts = urlsplit(page_url)
    path = parts.path.rstrip("/")
    return urlunsplit((parts.scheme, parts.netloc, path.removesuffix(f"/{page}").rstrip("/") + "/", "", ""))


def is_local(server: str) -> bool:
    """Whether only the server's own machine reaches this address."""
    host = urlsplit(server).hostname or ""
    if host in origins.LOOPBACK or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def own_addresses() -> list[str]:
    """The addresses (IPv4) by which other machines of the network may reach this one, found without a look-up."""
    entries = (entry for entries in psutil.net_if_addrs().values() for entry in entries)
    found = [ipaddress.ip_address(entry.address) for entry in entries if entry.family == socket.AF_INET]
    return [str(address) for address in found if not (address.is_loopback or address.is_link_local)]


def qr_code(link: str) -> bytes:
    """The QR code of a link as SVG: black on white with a quiet zone, to be read in a dark room, too.

    ``ValueError`` for a link that is too long to be read from a wall.

    Examples
    --------
    >>> qr_code("http://host/train").startswith(b"<?xml")
    True
    """
    if len(link) > MAX_LINK:
        raise ValueError(
            f"The link has {len(link):,} characters; a QR code of more than {MAX_LINK:,} cannot be read from a wall."
        )
    out = io.BytesIO()
    segno.make(link, error="l", micro=False).save(
        out, kind="svg", scale=8, border=4, dark="#000", light="#fff", title="QR code of a link to the lab", unit=None
    )
    return out.getvalue()
