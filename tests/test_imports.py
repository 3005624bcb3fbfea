"""What the import rules in .importlinter cannot say: the pages, and what is loaded by a fresh process."""

from __future__ import annotations

import ast
import graphlib
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


def circle(folder: Path) -> list[str]:
    """The files of a package that import each other in a circle, wherever in them the imports stand; empty if none."""
    names = {path: ".".join(path.relative_to(folder.parent).with_suffix("").parts) for path in folder.rglob("*.py")}
    files = {name.removesuffix(".__init__"): path for path, name in names.items()}
    graph: dict[str, set[str]] = {name: set() for name in files}
    for name, path in files.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                graph[name] |= {alias.name for alias in node.names} & files.keys()
            elif isinstance(node, ast.ImportFrom) and node.module in files:
                # `from package import name` needs the file of that name if there is one, else the package's own.
                full = [f"{node.module}.{alias.name}" for alias in node.names]
                graph[name] |= {found if found in files else node.module for found in full}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def test_no_files_import_each_other_in_a_circle() -> None:
    assert circle(ROOT / "s2v") == []


@pytest.mark.parametrize(
    "statement", ["import p.b", "def f():\n    from p import b", "if TYPE_CHECKING:\n    from p.b import name"]
)
def test_a_circle_is_found_wherever_the_import_stands(statement: str, tmp_path: Path) -> None:
    folder = tmp_path / "p"
    folder.mkdir()
    for name, text in {"__init__": "", "a": statement, "b": "from p.c import x", "c": "import p.a"}.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    assert set(circle(folder)) == {"p.a", "p.b", "p.c"}


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
        "import s2v.comparison.start, s2v.comparison.questions",
        "import s2v.ui.comparison.ahead",
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
    extras = {"pyogrio", "onnx", "onnxscript"}  # of "spatial" and "onnx"; without them a sentence says so
    # pandas and dask come with streamlit and distributed, which cannot be installed without them; scikit-learn itself
    # asks for what is imported of it.
    assert needed - {"pandas", "dask", "scikit-learn"} - extras <= required
