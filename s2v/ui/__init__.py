"""What the pages are made of, and the only package that imports Streamlit.  Free of torch.

``page_state``: a page's settings as widgets and in the address.  ``session_race``: the engine and each session's race.
``answers``: computed answers for the pages of comparisons.  ``race``, ``comparison``: the parts of those pages.
``messages``: sentences for people.
"""
