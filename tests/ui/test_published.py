"""The page "Published models": files are opened, understood, drawn, and taken to the other pages."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

import s2v
from s2v import sphere
from s2v.cli import main
from s2v.encoders import ENCODERS
from s2v.evaluation.samples import COLUMNS
from s2v.models.checkpoints import dumps
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe
from tests.models.hostile_inputs import MODELS
from tests.models.test_geoclip_package import content as geoclip
from tests.models.test_sine_file import content as sines
from tests.ui.test_comparison_pages import WAIT, address, no_engine, table

__all__ = ["no_engine"]

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "models" / "cases"
BIRDS = CASES / "s2v_spheremixscale.pth.tar"


def opened(*files: tuple[str, bytes], page: str = "published", app: AppTest | None = None, **link: str) -> AppTest:
    app = app or AppTest.from_file(str(ROOT / "app.py"), default_timeout=WAIT).run()
    for name, value in link.items():
        app.query_params[name] = value
    app.switch_page(f"pages/{page}.py").run()
    if files:
        app.file_uploader[0].set_value([(name, raw, "application/octet-stream") for name, raw in files]).run()
    assert not app.exception
    return app


def text(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.error, *app.info, *app.warning]
    return "\n".join(part.value for part in parts).replace("\\", "")


def box(app: AppTest, label: str) -> Any:
    return next(box for box in app.multiselect if box.label.startswith(label))


def names(app: AppTest) -> list[str]:
    return list(app.session_state["published models"])


def lab_model(encoder: str = "xyz", classes: tuple[str, ...] = ("sea", "land"), **settings: Any) -> bytes:
    torch.manual_seed(0)
    task = "classification" if classes else "regression"
    return dumps(LocationModel(Recipe(data="geoid", encoder=encoder, hidden=8, **settings), task, classes))


def test_the_first_sight_is_a_demonstration_and_says_what_opens() -> None:
    app = opened()
    assert box(app, "Models").value == address(app)["models"].split(",")
    assert len(box(app, "Models").value) == 2
    assert table(app)["map"].tolist() == ["grid on land cover", "sphereM on land cover"]
    assert "github.com/seai-lab/TorchSpatial" in text(app)
    assert not app.error


def test_a_checkpoint_is_understood_and_its_classes_are_drawn() -> None:
    app = opened((BIRDS.name, BIRDS.read_bytes()))
    assert "github.com/gengchenmai/sphere2vec, spa_enc_type spheremixscale" in text(app)
    assert "sphereM on birdsnap" in text(app)
    box(app, "Classes").set_value([1, 4]).run()
    assert not app.exception
    assert table(app)["map"].tolist() == ["class 1", "class 4"]
    assert address(app)["classes"] == "1,4"


def test_several_models_show_one_class_side_by_side() -> None:
    app = opened((BIRDS.name, BIRDS.read_bytes()), ("a.safetensors", lab_model()), ("b.safetensors", lab_model("grid")))
    assert box(app, "Models").value == names(app)  # all that were dropped
    box(app, "Models").set_value(names(app)[1:]).run()
    assert not app.exception
    assert table(app)["map"].tolist() == ["xyz on Geoid height", "grid on Geoid height"]
    box(app, "Models").set_value(names(app)).run()
    assert "has no class named" in text(app)


def test_a_regression_is_drawn_as_values() -> None:
    app = opened(("heights.safetensors", lab_model(classes=())))
    assert table(app)["map"].tolist() == ["xyz on Geoid height"]
    assert not any("Class" in box.label for box in app.multiselect)


def test_names_of_classes_come_from_a_text_file() -> None:
    app = opened((BIRDS.name, BIRDS.read_bytes()))
    app.file_uploader[1].set_value(("names.txt", "\n".join(f"bird {i}" for i in range(7)).encode(), "text/plain")).run()
    assert not app.exception
    assert len(names(app)) == 1
    assert "bird 3" in " ".join(box(app, "Classes").options)


@pytest.mark.parametrize("name", [*MODELS][::4])
def test_a_hostile_file_gets_a_sentence_and_the_page_goes_on(name: str) -> None:
    app = opened((f"{name}.safetensors", MODELS[name]))
    assert len(app.error) == 1
    assert len(app.error[0].value) <= 2600
    assert len(table(app)) == 2  # the demonstration


def test_hostile_checkpoints_get_a_sentence() -> None:
    files = [(path.name, path.read_bytes()) for path in sorted((ROOT / "tests" / "models" / "hostile").iterdir())][:8]
    app = opened(*files)
    assert not app.exception
    assert app.error


def test_a_model_that_is_too_large_names_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S2V_MAX_MODEL_MB", "1")
    app = opened(("large.pt", b"x" * 1_000_001))
    assert "allowed are 1 MB. Set S2V_MAX_MODEL_MB" in text(app)
    assert len(table(app)) == 2


def test_a_file_name_stays_literal() -> None:
    app = opened(("[x](http://a.b) <img src=x> **b**.safetensors", lab_model()))
    assert not app.error
    assert "](http" not in "".join(part.value for part in app.markdown)


def test_an_opened_model_is_compared_on_the_other_pages() -> None:
    app = opened((BIRDS.name, BIRDS.read_bytes()))
    (name,) = names(app)
    similar = opened(page="similarity", app=app, e1=name, e2="sphereM")
    assert table(similar)["encoder"].tolist() == ["sphereM on birdsnap", "sphereM"]
    again = opened(app=app)
    assert "sphereM on birdsnap" in text(again)


def test_an_opened_model_leaves_as_a_map() -> None:
    app = opened((BIRDS.name, BIRDS.read_bytes()))
    (name,) = names(app)
    link = next(link.proto for link in app.get("page_link") if link.proto.label.startswith("Their maps"))
    assert f"model={name}" in link.query_string.replace("%3A", ":")
    printed = opened(page="maps", app=app, model=name)
    assert not printed.exception
    assert not printed.error
    assert {"PDF", "GeoTIFF"} <= {part.proto.label for part in printed.get("download_button")}


def test_geoclip_is_an_embedding_for_the_other_pages() -> None:
    app = opened(("location_encoder_weights.pth", geoclip()))
    assert "predicts nothing by itself" in text(app)
    assert "s2v.import_embedding(" in app.code[0].value
    (name,) = names(app)
    similar = opened(page="similarity", app=app, e1=name, e2="geoclip_rff")
    assert table(similar)["encoder"].tolist() == ["GeoCLIP (trained)", "GeoCLIP RFF"]
    assert "s2v.import_embedding('location_encoder_weights-" in similar.code[0].value
    printed = opened(page="maps", app=similar)  # which has no predictions to draw
    assert not printed.exception
    assert not printed.error


def test_a_sine_network_as_satclips_is_in_the_table_of_all_encoders() -> None:
    app = opened(("satclip.safetensors", sines()))
    assert "predicts nothing by itself" in text(app)
    assert "s2v.import_embedding('satclip-" in app.code[0].value
    (name,) = names(app)
    distortion = opened(page="distortion", app=app, e1=name, e2="spherical_harmonics:degree=4")
    assert not distortion.error
    (rows,) = (frame.value for frame in distortion.dataframe if "trained_on" in frame.value)
    title = "◆ Sine network, degree 4"
    (row,) = (row for _, row in rows.iterrows() if row["encoder"] == title)
    assert row["trained_on"] == "Land cover, from a file"
    assert row["chosen"]
    assert row["half_sill"] > 0
    assert row["dateline"] < 1e-4
    untrained = rows[~rows["encoder"].str.startswith("◆")]
    assert len(untrained) == len(ENCODERS)
    assert untrained["trained_on"].isna().all()
    assert "marks networks that were trained" in text(distortion)


def test_a_forgotten_model_is_gone() -> None:
    app = opened((BIRDS.name, BIRDS.read_bytes()))
    next(button for button in app.button if button.label == "Forget").click().run()
    assert not app.exception
    assert names(app) == []
    assert len(table(app)) == 2


def test_another_session_is_told_to_open_the_file() -> None:
    app = opened(page="similarity", e1="file:0123abcd", e2="sphereM")
    assert "open the file again on the page Published models" in text(app)


def csv_of(seed: int, rows: int = 600) -> bytes:
    rng = np.random.default_rng(seed)
    places = sphere.random_points(rows)
    hits = rng.random(rows) < 0.3 + seed / 5
    lines = [f"{lon:.4f},{lat:.4f},0.5,0.5,{int(hit)},1" for (lon, lat), hit in zip(places, hits, strict=True)]
    return "\n".join([",".join(COLUMNS), *lines]).encode()


def with_samples(*files: tuple[str, bytes]) -> AppTest:
    app = opened()
    app.file_uploader[-1].set_value([(name, raw, "text/csv") for name, raw in files]).run()
    assert not app.exception
    return app


def test_results_of_two_models_are_compared() -> None:
    app = with_samples(("grid.csv", csv_of(1)), ("sphereM.csv", csv_of(2)))
    assert app.dataframe[1].value["Model"].tolist() == ["grid", "sphereM"]
    assert "**sphereM is right more often**" in text(app)
    assert "McNemar's exact test of these: p below 0.001" in text(app)
    same = with_samples(("grid.csv", csv_of(1)), ("grid.csv", csv_of(1)))
    assert "No difference between grid and grid (2) can be told" in text(same)


@pytest.mark.parametrize(("rows", "drawn"), [(600, False), (6000, True)])
def test_where_which_one_wins_is_drawn_where_there_are_enough_samples(rows: int, drawn: bool) -> None:
    app = with_samples(("grid.csv", csv_of(1, rows)), ("sphereM.csv", csv_of(2, rows)))
    assert ("there is no map of where which one wins" in text(app)) == (not drawn)
    assert ("is right more often; blue" in text(app)) == drawn


def test_results_of_other_samples_are_not_compared() -> None:
    app = with_samples(("a.csv", csv_of(1)), ("b.csv", csv_of(1, 500)))
    assert "600 samples, b 500" in text(app)
    assert app.dataframe[1].value["Model"].tolist() == ["a"]
    app = with_samples(("a.csv", b"lon,lat\n1,2\n"))
    assert "has no column true_class_prob" in text(app)


def test_the_python_of_the_page_runs_and_gives_its_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened((BIRDS.name, BIRDS.read_bytes()))
    box(app, "Classes").set_value([2]).run()
    (model,) = app.session_state["published models"].values()
    (tmp_path / model.kept.file_name).write_bytes(model.kept.file)
    monkeypatch.chdir(tmp_path)
    printed: list[Any] = []
    exec(app.code[0].value, {"print": lambda *values: printed.extend(values)})
    expected = s2v.import_torchspatial(BIRDS).predict([[15.6, 78.2]])[:, 2]
    assert np.allclose(printed[0], expected)
    command = shlex.split(app.code[1].value)
    assert main([*command[3:], "--degrees", "30"]) == 0
    assert (tmp_path / command[-1]).stat().st_size > 1000
