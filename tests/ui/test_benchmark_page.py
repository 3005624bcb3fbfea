"""The Benchmark page: stored results, files that are opened, the verdict, the diagram, published tables, a live run."""

from __future__ import annotations

import math
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from s2v import assets, encoders
from s2v.benchmark import SUITES
from s2v.benchmark.phase import PhasePoint
from s2v.benchmark.results import encode, key_of, read
from s2v.benchmark.setting import Setting
from s2v.benchmark.table import Gap, Table
from s2v.predictors import PREDICTORS
from s2v.ui import session_race
from s2v.ui.benchmark import kinds, live, phases, published, standings
from tests.benchmark.made_up import rows

ROOT = Path(__file__).parent.parent.parent
WAIT = 60
SHIPPED = assets.ASSETS / "benchmark"
SHARES = {"sphereM": 0.5, "plane_waves": 0.6, "grid": 0.4, "xyz": 0.45}


ONLY_SMALL = shutil.ignore_patterns(*(f"{name}.parquet" for name in SUITES if name != "small"))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the page finds stored results, those of the small suite: a test may add some, or take them away."""
    own = tmp_path / "assets"
    shutil.copytree(SHIPPED, own / "benchmark", ignore=ONLY_SMALL)
    for other in ("icon.png", "components", "coastlines", "data"):
        (own / other).symlink_to(assets.ASSETS / other)
    monkeypatch.setattr(assets, "ASSETS", own)
    return own / "benchmark"


@pytest.fixture(autouse=True)
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_race, "warm", lambda: None)
    monkeypatch.setattr(session_race, "cluster_problem", lambda: "")


def opened(**address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=WAIT)
    for name, value in address.items():
        app.query_params[name] = value
    app.run().switch_page("pages/benchmark.py").run()
    assert not app.exception
    return app


def text(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error, *app.subheader]
    return "\n".join(part.value for part in parts).replace("\\", "")


def made(suite: str, folder: Path, **more: Any) -> None:
    found = rows(SHARES, 0.05, **more)
    (folder / f"{suite}.parquet").write_bytes(encode(found))


def test_the_stored_table_has_every_contestant_with_its_interval_and_its_ties():
    table = opened().dataframe[0].value
    assert sorted(table["contestant"]) == sorted(
        [
            "xyz",
            "grid",
            "sphereC",
            "sphereM",
            "Spherical plane waves",
            "Nearest neighbours",
        ]
    )
    assert table["rank"].is_monotonic_increasing
    assert ((table["low"] < table["score"]) & (table["score"] < table["high"])).all()
    assert (table["best"] >= 1).any()
    assert (table["gap"] > 0).all()


@pytest.mark.parametrize("suite", [name for name in SUITES if (SHIPPED / f"{name}.parquet").is_file()])
def test_shipped_results_are_whole_and_shown(suite: str, folder: Path):
    """Every cell that the suite has is there: ``bench SUITE --out assets/benchmark`` computes those that lack."""
    shutil.copy(SHIPPED / f"{suite}.parquet", folder)
    found = read(folder / f"{suite}.parquet")
    assert {key_of(cell) for cell in SUITES[suite].cells()} <= {row["key"] for row in found}
    table = opened(suite=suite).dataframe[0].value
    assert table["contestant"].is_unique
    assert ((table["low"] < table["score"]) & (table["score"] < table["high"])).any()


def test_the_filters_say_what_the_numbers_are_over():
    app = opened()
    assert "accuracy, the mean over 2 settings and 3 seeds" in text(app)
    assert "6 of 6 contestants" in text(app)
    app = opened(kind="reference", setting="vmf:U3, 2,000 places")
    assert "the mean over 1 setting and 3 seeds" in text(app)
    assert "1 of 6 contestants" in text(app)
    assert list(app.dataframe[0].value["contestant"]) == ["Nearest neighbours"]
    assert "have no critical difference" in text(app)


def test_scores_of_different_tasks_are_in_tables_of_their_own(folder: Path):
    found = rows(SHARES, 0.05, data=("relief", "land_cover"))
    (folder / "fields.parquet").write_bytes(encode(found))
    app = opened(suite="fields")
    choices = next(box for box in app.selectbox if box.label == "Data").options
    assert choices[:2] == ["all settings (1): R²", "all settings (1): accuracy"]
    assert "Scores are R², the mean over 1 setting" in text(app)


def test_what_is_copied_prints_the_table(capsys: pytest.CaptureFixture[str]):
    python, command = (code.value for code in opened().code[:2])
    assert command == "python -m s2v bench small --out assets/benchmark"
    exec(python, {})
    printed = capsys.readouterr().out
    assert "| xyz | 1.0 |" in printed
    assert "Sphere2Vec is better than every baseline" in printed


def test_suites_that_are_not_computed_are_named_with_their_command():
    app = opened()
    for name in SUITES:
        assert (name == "small") != any(
            f"python -m s2v bench {name} --out assets/benchmark" in c.value for c in app.code[2:]
        )
    assert "No claim is judged here yet" in text(app)


def test_without_stored_results_the_page_says_how_to_get_some(folder: Path):
    (folder / "small.parquet").unlink()
    assert "No results are stored here." in text(opened())


def test_a_damaged_stored_file_is_a_sentence_and_the_rest_of_the_page_works(folder: Path):
    (folder / "small.parquet").write_bytes(b"nonsense")
    app = opened()
    assert "cannot be read as results of the benchmark" in text(app)
    assert "What others have published" in text(app)


def test_the_claims_are_judged_with_their_numbers(folder: Path):
    made("vmf", folder)
    app = opened()
    assert "Sphere2Vec is better than every baseline on all twenty synthetic data sets." in text(app)
    assert "was ahead of the best baseline on 2 of 2 settings" in text(app)
    assert "Over 2 of the 20 mixtures" in text(app)
    assert "This suite is not complete" in text(opened(suite="vmf"))


def test_the_diagram_says_in_words_when_it_pays(folder: Path):
    found = [row for points in (500, 5000) for row in rows(SHARES, 0.05, data=("vmf:U1", "vmf:polar"), points=points)]
    (folder / "phase.parquet").write_bytes(encode(found))
    app = opened()
    assert "A multi-scale encoder of the sphere is ahead on 4 of 4 settings, behind on 0" in text(app)
    assert len(app.get("plotly_chart")) == 2


def test_a_setting_without_intervals_says_so():
    gap = Gap(-0.1, math.nan, math.nan, (math.nan, math.nan))
    point = PhasePoint(Setting("relief", 500, "blocks:5000"), "grid", ("grid", "sphereM"), "sphereM", "grid", gap)
    assert phases.cell_of("blocks", "relief", point).about.endswith(": −0.100 (no interval)")
    assert "on 0 of 1 setting, behind" in phases.in_words([point])


def upload(app: AppTest, name: str, content: bytes) -> AppTest:
    app.file_uploader(key="benchmark file").upload(name, content, "application/octet-stream").run()
    assert not app.exception
    return app


def test_an_opened_file_takes_the_place_of_the_stored_results():
    app = upload(opened(), "mine.parquet", encode(rows(SHARES, 0.05)))
    assert "Shown is your file mine.parquet: 24 cells" in text(app)
    assert len(app.dataframe[0].value) == len(SHARES)


@pytest.mark.parametrize("content", [b"", b"PAR1 and nothing more"])
def test_a_foreign_file_is_refused_in_a_sentence(content: bytes):
    app = upload(opened(), "x.parquet", content)
    assert "x.parquet cannot be read as results of the benchmark" in text(app)
    assert "36 stored cells" in text(app)


def test_every_contestant_has_a_kind():
    found = {name: kinds.kind_of(name) for name in (*encoders.ENCODERS, *PREDICTORS)}
    assert set(found.values()) == set(kinds.KINDS)
    assert {name for name, kind in found.items() if kind == "reference"} == set(PREDICTORS)


def test_a_race_of_a_row_has_the_settings_of_its_cells():
    table = small()
    setting = Setting("vmf:S1.3", 2000, "random")
    address = standings.race_address(table, "sphereM", setting)
    assert address is not None
    assert address["e1"].startswith("sphereM")
    assert address["e2"].startswith("xyz")
    wanted = {"data": "vmf:S1.3", "points": "2000", "steps": "200", "batch": "256", "trials": "3", "reference": "none"}
    assert {name: address[name] for name in wanted} == wanted
    address = standings.race_address(table, "knn", setting)
    assert address is not None
    assert (address["reference"], address["e2"]) == ("knn", "none")


def test_train_takes_the_address_of_a_race(monkeypatch: pytest.MonkeyPatch):
    nothing = {"current": None, "own": None, "earlier": [], "live_races": 0, "has_gpu": False, "is_known_again": False}
    for name, value in {**nothing, "kept": "", "are_kept_on_disk": True, "standing": "own"}.items():
        monkeypatch.setattr(session_race, name, lambda value=value: value)
    monkeypatch.setattr(session_race, "attach", lambda race: False)
    address = standings.race_address(small(), "sphereM", Setting("vmf:S1.3", 2000, "random"))
    assert address is not None
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=WAIT)
    for name, value in address.items():
        app.query_params[name] = value
    app.run().switch_page("pages/train.py").run()
    assert not app.exception
    assert not [part.value for part in app.warning]
    assert app.session_state["train settings"].values["train.data"] == "vmf:S1.3"


@lru_cache(maxsize=1)
def small() -> Table:
    return Table(read(assets.ASSETS / "benchmark" / "small.parquet"))


def test_published_rows_that_are_not_what_they_say_are_marked_and_left_out_of_comparisons():
    tables = published._published()["tables"]
    for table in tables.values():
        marks = {row["model"]: row["mark"] for row in table["rows"]}
        assert marks["dfs"] == marks.get("sphereM+", "one scale") == "one scale"
        assert {"dfs", "sphereM+", "tile"}.isdisjoint(published.means_of(table))
        assert {len(row["values"]) for row in table["rows"]} == {len(table["columns"])}
    means = published.means_of(tables["classification"])
    assert max(means, key=lambda name: means[name]) == "sphereC+"


def test_orders_are_compared_where_enough_encoders_are_in_both_tables(folder: Path):
    assert "cannot be said yet" in published.compared_in_words(
        published._published()["tables"]["classification"], "classification"
    )
    names = {
        name: 0.3 + 0.02 * i
        for i, name in enumerate(["rbf", "xyz", "rff", "nerf", "wrap", "grid", "sphereC", "sphereC+"])
    }
    (folder / "vmf.parquet").write_bytes(encode(rows(names, 0.02)))
    said = published.compared_in_words(published._published()["tables"]["classification"], "classification")
    found = re.search(
        r"over 8 encoders .* is \+(0\.\d\d) \(90 % interval \+(0\.\d\d) to \+(0\.\d\d)\): the orders agree", said
    )
    assert found
    assert float(found[2]) < float(found[1]) < float(found[3])


def test_opposite_orders_have_the_minus_sign_of_the_rest_of_the_page(folder: Path):
    best_first = ["sphereC+", "sphereC", "grid", "wrap", "nerf", "rff", "xyz", "rbf"]
    worst = {name: 0.3 + 0.02 * i for i, name in enumerate(best_first)}
    (folder / "vmf.parquet").write_bytes(encode(rows(worst, 0.02)))
    said = published.compared_in_words(published._published()["tables"]["classification"], "classification")
    assert re.search(r"is −0\.\d\d \(90 % interval −0\.\d\d to −0\.\d\d\): the orders are opposite", said)


def test_the_cells_of_coordbench_are_as_wide_as_it_is_said():
    found = {int(latitude): int(km) for km, latitude in re.findall(r"(\d+) km (?:wide )?at (\d+)° N", published.FOLDS)}
    assert found == {latitude: round(111.19 * 10 * math.cos(math.radians(latitude))) for latitude in (80, 88)}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The workers, in this process: they compute as many cells as a test lets them."""
    state: dict[str, Any] = {"most": 3}

    def call(
        function: Callable[..., Any], each: Sequence[tuple[Any, ...]], run_id: str, should_stop: Callable[[], bool]
    ) -> Iterator[tuple[int, Any]]:
        for number, (recipe, _) in enumerate(each):
            while number >= state["most"] and not should_stop():
                time.sleep(0.02)
            if should_stop():
                return
            yield number, next(row for row in stored_rows() if row["recipe"] == recipe.to_json())

    monkeypatch.setattr(session_race, "caller", lambda: call)
    return state


@lru_cache(maxsize=1)
def stored_rows() -> list[dict[str, Any]]:
    return read(assets.ASSETS / "benchmark" / "small.parquet")


def test_a_live_run_fills_its_table_and_can_be_stopped(calls: dict[str, Any]):
    app = opened()
    app.button(key="benchmark start").click().run()
    run = app.session_state[live.RUN]
    assert run.live
    app.button(key="benchmark stop").click().run()
    assert run.wait(WAIT)
    assert run.status == "stopped"
    app.run()
    assert "It ended early" in text(app)


def test_a_live_run_that_is_done_has_its_files(calls: dict[str, Any]):
    calls["most"] = 100
    app = opened()
    app.button(key="benchmark start").click().run()
    run = app.session_state[live.RUN]
    assert run.wait(WAIT)
    assert run.status == "finished"
    app.run()
    assert len(run.rows) == len(SUITES["small"].cells())
    assert [b.label for b in app.get("download_button") if b.proto.id.find("live") >= 0] == [
        "Cells as Parquet",
        "Cells as CSV",
    ]
    assert "gains" not in live.csv_row(run.rows[0])


def test_a_full_server_says_so(calls: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(live, "MAX_LIVE", 0)
    app = opened()
    app.button(key="benchmark start").click().run()
    assert "such runs go on here" in text(app)
