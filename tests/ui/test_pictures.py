"""Pictures on pages."""

from __future__ import annotations

import base64
import urllib.parse

from streamlit.testing.v1 import AppTest

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def test_a_picture_that_was_shown_is_not_kept_by_the_server():
    def page(png: bytes) -> None:
        from s2v.ui import pictures

        pictures.show_png(png, "A dot")

    shown = AppTest.from_function(page, args=(PNG,)).run()
    assert not shown.exception
    assert len(shown.main) == 1
    before = urllib.parse.urlsplit.cache_info().hits
    urllib.parse.urlparse("data:image/png;base64," + base64.b64encode(PNG).decode("ascii"))
    assert urllib.parse.urlsplit.cache_info().hits == before
