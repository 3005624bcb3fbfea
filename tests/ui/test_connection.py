"""What a page will say while its server does not answer."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from s2v.ui import connection, session_race


@pytest.mark.parametrize(
    ("on_disk", "words"), [(True, connection.KEPT), (False, connection.LOST), (None, "start it again.")]
)
def test_the_notice_says_what_becomes_of_races(
    on_disk: bool | None, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def page() -> None:
        from s2v.ui import connection

        connection.watch()

    monkeypatch.setattr(session_race, "are_kept_on_disk", lambda: on_disk)
    app = AppTest.from_function(page).run(timeout=60)
    assert not app.exception
    (notice,) = app.get("bidi_component")
    message = json.loads(notice.proto.json)
    assert message["title"] == connection.TITLE
    assert message["text"].endswith(words)
