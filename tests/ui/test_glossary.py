"""The glossary that all pages share."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from s2v.ui import glossary


@pytest.mark.parametrize("term", glossary.TERMS)
def test_each_term_has_a_plain_sentence_that_names_it(term: str) -> None:
    sentence = glossary.sentence(term)
    assert term.split()[0].rstrip("s").lower() in sentence.lower()
    assert sentence.endswith(".")
    assert "$" not in sentence


def page() -> None:
    from s2v.ui import glossary

    glossary.show("tear", "stretch")


def test_terms_are_shown_one_on_a_line() -> None:
    app = AppTest.from_function(page).run()
    assert app.caption[0].value == f"{glossary.TERMS['tear']}  \n{glossary.TERMS['stretch']}"
