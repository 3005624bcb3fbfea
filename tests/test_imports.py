"""What the import rules in .importlinter cannot say: the pages, and what is loaded by a fresh process."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py"))]


def imported(path: Path) -> set[str]:
    """Full names of the modules that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_a_page_has_widgets_in_and_figures_out_but_no_maths(path: Path) -> None:
    roots = {name.partition(".")[0] for name in imported(path)}
    assert not roots & {"torch", "numpy", "scipy", "distributed", "dask", "matplotlib", "cartopy"}


@pytest.mark.parametrize(
    "statement",
    [
        "import s2v",
        "import s2v.models.recipe, s2v.data, s2v.evaluation",
        "import s2v.figures.globe, s2v.figures.polar, s2v.figures.charts",
        "import s2v.engine",
        "import s2v.comparison.start",
        "import s2v.ui.page_state, s2v.ui.session_race, s2v.ui.pictures",
    ],
)
def test_the_page_process_stays_free_of_torch(statement: str) -> None:
    # Torch costs seconds at start and hundreds of megabytes; it belongs to the workers.
    code = f"{statement}\nimport sys\nprint('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1] == "False"


def test_every_library_that_is_imported_is_in_the_requirements() -> None:
    sources = [*PAGES, *ROOT.joinpath("s2v").rglob("*.py")]
    sources = [path for path in sources if path.parent.name != "testing"]  # its libraries are those of the extra "test"
    roots = {name.partition(".")[0] for path in sources for name in imported(path)}
    owners = importlib.metadata.packages_distributions()
    needed = {
        owners[root][0].lower() for root in roots - sys.stdlib_module_names - {"s2v", "__future__"} if root in owners
    }
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    required = {m[0].lower() for line in lines if (m := re.match(r"[A-Za-z0-9_.-]+", line))}
    # pandas and dask come with streamlit and distributed, which cannot be installed without them; scikit-learn itself
    # asks for what is imported of it.
    assert needed - {"pandas", "dask", "scikit-learn"} <= required
