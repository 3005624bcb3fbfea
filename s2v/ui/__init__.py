"""What the pages are made of: the only part of the project that knows Streamlit.  Free of torch.

``controls``: a page's settings, as widgets and in the address.  ``runs``: the engine and each session's run.
``maps``: fields, frames and scales on the page.  ``messages``: sentences for people.
"""
