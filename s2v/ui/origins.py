"""Which websites may open a web socket to the lab.

Every website in the same browser can try.  Streamlit accepts a page whose address is the one that the server was
asked by, and refuses all others, but with two holes:

- Before it refuses, it asks the Internet for its own address, and everybody waits, for long where DNS is silent.
  Here it does not ask.
- A website can let its name resolve to this machine (DNS rebinding); its address is then the one that the server was
  asked by.  So only names that belong to this machine are served: those of the loopback, and where others are let in
  its host name and the addresses of its network interfaces, all of them known without asking.  Names that only DNS
  knows, such as that of a proxy, have to be given: ``sphere2vec-lab --allow NAME`` or ``--server.allowedHosts NAME``.
"""

from __future__ import annotations

import socket
from itertools import chain

import psutil  # type: ignore[import-untyped]
from streamlit import config, net_util, url_util

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def protect() -> None:
    """Applies the rule to the server of this process, now or once Streamlit has read its settings."""
    net_util.get_internal_ip = net_util.get_external_ip = _not_asked
    config.on_config_parsed(_allow_own_names)


def own_names(address: str | None) -> set[str]:
    """The names and addresses by which a server of this machine may be called, found without a look-up.

    Parameters
    ----------
    address : str or None
        What the server listens on; None is all interfaces.
    """
    names = set(LOOPBACK)
    if address not in LOOPBACK:
        host = socket.gethostname()
        short = host.partition(".")[0]
        names |= {host, short, f"{short}.local"}
        entries = chain.from_iterable(psutil.net_if_addrs().values())
        names |= {e.address.partition("%")[0] for e in entries if e.family in (socket.AF_INET, socket.AF_INET6)}
        if address:
            names.add(address)
    return {name for name in names if name}


def _allow_own_names() -> None:
    if not config.get_option("server.enableCORS"):
        return  # every website is let in, by choice
    given = [*config.get_option("server.corsAllowedOrigins"), config.get_option("browser.serverAddress")]
    names = own_names(config.get_option("server.address")).union(config.get_option("server.allowedHosts"))
    names.update(host for host in map(url_util.get_hostname, given) if host)
    config.set_option("server.allowedHosts", sorted(names))


def _not_asked() -> None:
    """In place of Streamlit's two look-ups of this machine's address."""
