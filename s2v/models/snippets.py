"""Recipes as the Python and the shell commands that carry them out again.  Free of torch.

They are made of the recipes themselves, so that they say what a page has done; the tests run them.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from s2v.data import OwnData
from s2v.data.catalogue import check_name, is_own
from s2v.models.recipe import DEFAULTS, Recipe

# The arguments of read_points as options of the command line.
_OPTIONS = (
    "lon",
    "lat",
    "target",
    "task",
    "encoding",
    "decimal",
    "thousands",
    "min_count",
    "crs",
    "layer",
    "skip_wrong",
)


def recipe_code(recipe: Recipe) -> str:
    """The expression that makes a recipe, with what differs from the defaults.

    Parameters
    ----------
    recipe : Recipe

    Returns
    -------
    str

    Examples
    --------
    >>> print(recipe_code(Recipe(data="relief", predictor="kriging", points=500)))
    s2v.Recipe(data='relief', predictor='kriging', points=500)
    """
    return f"s2v.Recipe({', '.join(f'{name}={value!r}' for name, value in _changed(recipe).items())})"


def race_code(recipes: Sequence[Recipe], seeds: int = 1, own: OwnData | None = None) -> str:
    """The Python that trains the contestants of a race and prints their scores.

    Parameters
    ----------
    recipes : sequence of Recipe
        As they were asked for, one for each contestant.
    seeds : int, default 1
        Runs of each, with seeds that follow that of the recipe.
    own : OwnData, optional
        Where the data are a user's own: its ``file`` and ``how`` say how they are read.

    Returns
    -------
    str

    Examples
    --------
    >>> print(race_code([Recipe(encoder="grid", steps=100), Recipe(steps=100)]))
    import s2v
    <BLANKLINE>
    recipes = [
        s2v.Recipe(encoder='grid', encoder_params={...}, steps=100),
        s2v.Recipe(encoder_params={...}, steps=100),
    ]
    for recipe in recipes:
        fitted = s2v.fit(recipe)
        print(recipe.contestant.title, fitted.metrics)
    """
    recipes = [_unheld(recipe) for recipe in recipes]
    lines = ["import s2v", "", "recipes = [", *(f"    {recipe_code(recipe)}," for recipe in recipes), "]"]
    if seeds > 1:
        lines = ["from dataclasses import replace", "", *lines]
        each = f"recipes = [replace(recipe, seed=recipe.seed + j) for recipe in recipes for j in range({seeds})]"
        lines.append(each)
    lines.append("for recipe in recipes:")
    given = ""
    if is_own(recipes[0].data):
        how = own.how if own else {}
        lines.append(
            f"    dataset = s2v.data.read_points({_file(own)!r}{_arguments(how)}, "
            "points=recipe.points, seed=recipe.seed, split=recipe.split)"
        )
        given = ", dataset"
    lines += [f"    fitted = s2v.fit(recipe{given})", "    print(recipe.contestant.title, fitted.metrics)"]
    return "\n".join(lines)


def race_commands(recipes: Sequence[Recipe], seeds: int = 1, own: OwnData | None = None) -> str:
    """The shell commands that train the contestants of a race: a line each, each into a folder of its own.

    Parameters and result are those of ``race_code``.

    Examples
    --------
    >>> print(race_commands([Recipe(encoder="xyz", steps=100)], seeds=2))
    python -m s2v train --encoder xyz --steps 100 --out geoid-xyz
    python -m s2v train --encoder xyz --steps 100 --seed 1 --out geoid-xyz-seed1
    """
    lines, taken = [], set()
    for contestant in recipes:
        for j in range(seeds):
            recipe = _unheld(replace(contestant, seed=contestant.seed + j))
            words = ["python", "-m", "s2v", "train"]
            changed = _changed(recipe)
            params = changed.pop("encoder_params", {})
            if is_own(recipe.data):
                changed["data"] = _file(own)
            words += _options(changed)
            if is_own(recipe.data) and own:
                words += _options_of_file(own.how)
            if params:
                words += ["--set", *(f"{name}={value}" for name, value in params.items())]
            base = f"{recipe.data.replace(':', '-').replace(',', '-')}-{recipe.contestant.name}"
            folder = f"{base}-seed{recipe.seed}" if j else base
            number = 2
            while folder in taken:
                folder, number = f"{base}-{number}" + (f"-seed{recipe.seed}" if j else ""), number + 1
            taken.add(folder)
            lines.append(shlex.join([*words, "--out", folder]))
    return "\n".join(lines)


def reading(file: str, how: Mapping[str, Any]) -> tuple[str, str]:
    """The Python that reads a user's file, and the shell command that reads it and trains on it.

    Parameters
    ----------
    file : str
    how : mapping
        Arguments of ``s2v.data.read_points``.

    Returns
    -------
    (str, str)

    Examples
    --------
    >>> print(*reading("soils.csv", {"target": "soil"}), sep="\\n")
    import s2v
    <BLANKLINE>
    dataset = s2v.data.read_points('soils.csv', target='soil')
    print(dataset.summary)
    python -m s2v train --data soils.csv --target soil --out soils
    """
    python = ["import s2v", "", f"dataset = s2v.data.read_points({file!r}{_arguments(how)})", "print(dataset.summary)"]
    words = ["python", "-m", "s2v", "train", "--data", file, *_options_of_file(how)]
    return "\n".join(python), shlex.join([*words, "--out", file.partition(".")[0] or "results"])


def loading(name: str, points: int, own: OwnData | None = None) -> tuple[str, list[str]]:
    """The Python expression that makes a data set, and the words of a shell command that name it.

    Parameters
    ----------
    name, points : str, int
        Of the data.
    own : OwnData, optional
        Where they are a user's own: all its places are read.

    Returns
    -------
    (str, list of str)

    Examples
    --------
    >>> loading("geoid", 2000)
    ("s2v.data.load('geoid', points=2000)", ['--data', 'geoid', '--points', '2000'])
    """
    if own is None:
        return f"s2v.data.load({name!r}, points={points})", ["--data", name, "--points", str(points)]
    python = f"s2v.data.read_points({_file(own)!r}{_arguments(own.how)})"
    return python, ["--data", _file(own), *_options_of_file(own.how)]


def finding(name: str, points: int, steps: int, seed: int = 0, own: OwnData | None = None) -> tuple[str, str]:
    """The Python that searches for the best encoder of a data set, and the shell command that does.

    Parameters
    ----------
    name : str
        Of the data.
    points, steps, seed : int
        Of the search.
    own : OwnData, optional
        Where the data are a user's own: its ``file`` and ``how`` say how they are read.

    Returns
    -------
    (str, str)

    Examples
    --------
    >>> print(finding("geoid", 2000, 500)[1])
    python -m s2v find geoid --points 2000 --steps 500
    """
    python = ["import s2v", "from s2v.data import OwnData, held"] if own else []
    python += ["from s2v.models.halving import search", "from s2v.models.search_report import findings", ""]
    words = ["python", "-m", "s2v", "find", _file(own) if own else name]
    data = repr(name)
    if own:
        python += [
            f"dataset = s2v.data.read_points({_file(own)!r}{_arguments(own.how)})",
            "mine = held.hold(OwnData.of(dataset))",
        ]
        data = "mine.name"
        words += _options_of_file(own.how)
    settings = {"points": points, "steps": steps, **({"seed": seed} if seed else {})}
    words += _options(settings)
    python += [
        f"*_, last = search({data}{_arguments(settings)})",
        "for finding in findings(last):",
        "    print(finding.heading, finding.text)",
    ]
    return "\n".join(python), shlex.join(words)


def _arguments(how: Mapping[str, Any]) -> str:
    return "".join(f", {name}={value!r}" for name, value in how.items() if value not in (None, ""))


def _options(given: Mapping[str, Any]) -> list[str]:
    """Settings as words of a command; one that is true is a flag."""
    words: list[str] = []
    for name, value in given.items():
        words += [f"--{name.replace('_', '-')}", *([] if value is True else [str(value)])]
    return words


def _options_of_file(how: Mapping[str, Any]) -> list[str]:
    """The arguments of ``read_points`` as words of a command."""
    return _options({name: how[name] for name in _OPTIONS if how.get(name) not in (None, "", False)})


def _changed(recipe: Recipe) -> dict[str, Any]:
    """The settings of a recipe that differ from the defaults; all parameters of its encoder."""
    changed = {name: getattr(recipe, name) for name, usual in DEFAULTS.items() if getattr(recipe, name) != usual}
    if recipe.predictor:
        return {name: changed[name] for name in changed if name in _OF_PREDICTORS}
    params = dict(recipe.encoder_params)
    if not params:
        return changed
    items = list(changed.items())
    at = 1 + next((i for i, (name, _) in enumerate(items) if name == "encoder"), -1)
    at = at or int("data" in changed)
    return dict([*items[:at], ("encoder_params", params), *items[at:]])


_OF_PREDICTORS = ("data", "predictor", "points", "loss", "split", "seed")


def _file(own: OwnData | None) -> str:
    return (own.file if own else "") or "places.csv"


def _unheld(recipe: Recipe) -> Recipe:
    """The recipe with a name of own data that says no more than the task: what a file gives."""
    return replace(recipe, data=check_name(recipe.data.partition(",")[0])) if is_own(recipe.data) else recipe
