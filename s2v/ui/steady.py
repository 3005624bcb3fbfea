"""Parts of a page that are drawn again and again, and stay as they are meanwhile.

Streamlit fades an element that will be drawn again, and moves a progress bar, in many small steps.  Without them a
browser that draws on the processor needs a quarter less of it during a race.
"""


def style(key: str) -> str:
    """CSS for the container ``key``: nothing in it fades, and a spinner lies over it, so that it moves nothing."""
    return f"<style>{_STYLE.replace('KEY', key)}</style>"


_STYLE = """
.st-key-KEY { position: relative; }
.st-key-KEY [data-testid=stElementContainer] { opacity: 1 !important; transition: none !important; }
.st-key-KEY [data-testid=stProgressBarTrack] { transition: none !important; }
.st-key-KEY [data-testid=stElementContainer]:has(> [data-testid=stSpinner]) { position: absolute; top: 0; z-index: 1;
  width: auto; padding: .25rem .5rem; border-radius: .5rem; background: Canvas; }
"""
