"""The whole way of a user's own file: dropped, corrected, raced on, saved, and opened in another server."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from playwright.sync_api import expect

from s2v import sphere
from tests.browser.looking import PATIENCE, downloaded, photograph
from tests.serving import ROOT, guarded_page, running

pytestmark = pytest.mark.browser

SPECIES = [
    f"Sterna {name}"
    for name in ["alba", "bella", "cana", "dura", "equa", "fusca", "grata", "hirta", "incana", "laeta", "minor", "nova"]
]


def gbif_file(path: Path) -> Path:
    """3,000 records of 12 species as GBIF gives them, some without coordinates, some of absences."""
    rng = np.random.default_rng(7)
    centres = sphere.random_points(len(SPECIES), seed=3)
    rows = ["gbifID\tspecies\tdecimalLatitude\tdecimalLongitude\toccurrenceStatus\tcountryCode\tyear"]
    for i in range(3000):
        which = i % len(SPECIES)
        place = sphere.to_lonlat(sphere.to_unit_vectors(centres[which]) + 0.15 * rng.normal(size=3))
        lat, lon = ("", "") if i % 40 == 0 else (f"{place[1]:.4f}", f"{place[0]:.4f}")
        status = "ABSENT" if i % 75 == 1 else "PRESENT"
        rows.append(f"{4_000_000 + i}\t{SPECIES[which]}\t{lat}\t{lon}\t{status}\tSJ\t{1990 + i % 30}")
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def choose(page: Any, label: str, option: str) -> None:
    box = page.get_by_role("combobox", name=re.compile(f"^{re.escape(label)}|{re.escape(label)}$"))
    box.click()
    page.get_by_role("option", name=option, exact=True).click()


def download(page: Any, label: str, folder: Path) -> Path:
    file = downloaded(page, page.get_by_role("button", name=label, exact=True))
    path = folder / str(file.suggested_filename)
    file.save_as(path)
    return path


def open_page(page: Any, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()


def test_a_file_goes_the_whole_way(chromium: Any, tmp_path: Path) -> None:
    file = gbif_file(tmp_path / "birds.tsv")
    environment = {"S2V_STORE": "off"}
    with (
        running(ROOT / "app.py", tmp_path / "first.log", environment) as first,
        guarded_page(chromium, first.url, accept_downloads=True) as page,
    ):
        page.goto(f"{first.url}/your_data")
        page.locator("input[type=file]").set_input_files(file)
        expect(page.get_by_text("2,885 of 3,000 rows")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_text("75 rows with no coordinates")).to_be_visible()
        choose(page, "What to learn", "species")
        expect(page.get_by_text("12 classes")).to_be_visible(timeout=PATIENCE)
        photograph(page, "own-data")
        page.get_by_role("button", name="Find the encoder").click()
        finalists = page.get_by_role("link", name="Race the finalists on Train")
        expect(page.get_by_text(re.compile("Round [2-4] of|Final comparison"))).to_be_visible(timeout=2 * PATIENCE)
        page.get_by_role("button", name="Stop", exact=True).click()  # the whole of it takes minutes
        expect(page.get_by_text("The search was stopped; what it had found is kept.")).to_be_visible(timeout=PATIENCE)
        expect(finalists).to_be_visible()
        photograph(page, "own-data-found")
        finalists.click()
        expect(page.get_by_role("heading", name="The race")).to_be_visible(timeout=PATIENCE)
        steps = page.get_by_role("spinbutton", name="Steps")
        steps.fill("40")
        steps.press("Enter")
        page.get_by_role("button", name="Start", exact=True).click()
        expect(page.get_by_role("heading", name="The result")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_text("of the Earth lies more than").first).to_be_visible()
        photograph(page, "own-data-raced")
        verdict = page.get_by_role("heading", name="The result").locator("xpath=following::p[1]").inner_text()

        page.reload()  # the data stay with the browser
        expect(page.get_by_role("heading", name="The result")).to_be_visible(timeout=PATIENCE)
        open_page(page, "Maps")
        polar = download(page, "PDF", tmp_path)
        assert polar.name.endswith("-north.pdf")
        assert polar.read_bytes().startswith(b"%PDF")
        zipped = download(page, "GeoTIFF", tmp_path)  # with the names of the species beside it
        with zipfile.ZipFile(zipped) as archive:
            tiff, names = archive.namelist()
            assert archive.read(names).count(b"<Category>") == len(SPECIES)
        with rasterio.open(f"/vsizip/{zipped}/{tiff}") as raster:
            assert raster.crs.to_epsg() == 4326
            assert tuple(raster.bounds) == pytest.approx((-180, -90, 180, 90))
            values = raster.read(1)
            found = {int(values[raster.index(lon, lat)]) for lon, lat in ((-180, 0), (179.9, -89.9), (0, 89.9))}
            assert found <= set(range(len(SPECIES)))
        photograph(page, "own-data-map")
        open_page(page, "Session")
        page.get_by_text("With my own data").click()
        expect(page.get_by_text("1 of your data sets")).to_be_visible(timeout=PATIENCE)
        session = tmp_path / "session.zip"
        downloaded(page, page.get_by_role("button", name="Save this session")).save_as(session)
        with zipfile.ZipFile(io.BytesIO(session.read_bytes())) as archive:
            assert {name.partition("/")[0] for name in archive.namelist()} == {"session.json", "races", "data"}

        with guarded_page(chromium, first.url) as other:  # another browser sees nothing of it
            other.goto(page.url.replace("/session", "/train") + "?data=" + "own:classification")
            expect(other.get_by_text("the file stays in the session that opened it")).to_be_visible(timeout=PATIENCE)
    assert "Traceback" not in first.log

    with (
        running(ROOT / "app.py", tmp_path / "second.log", environment) as second,
        guarded_page(chromium, second.url) as page,
    ):
        page.goto(f"{second.url}/session")
        page.locator("input[type=file]").set_input_files(session)
        expect(page.get_by_text("Opened: 1 race and 1 data set")).to_be_visible(timeout=PATIENCE)
        photograph(page, "session-opened")
        page.get_by_role("link", name="Train as it was").click()
        expect(page.get_by_role("heading", name="The result")).to_be_visible(timeout=PATIENCE)
        again = page.get_by_role("heading", name="The result").locator("xpath=following::p[1]").inner_text()
        assert again == verdict
    assert "Traceback" not in second.log
