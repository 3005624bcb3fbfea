"""The suite ``files``: how long a user's file of many places takes to read, and how much memory.

Beside ``s2v.data.read_points``, which also checks every row, finds the classes and deals the places into parts, stand
pandas and geopandas, which read the columns only.  Each reading is in a process of its own.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from s2v import sphere
from s2v.bench.measure import WALL, Clock
from s2v.bench.report import Cell, Report

CLASSES = 40
MAX_SECONDS = 600  # of one reading
SAMPLE_SECONDS = 0.02  # between looks at the memory

COLUMNS = ("file, and what reads it", "seconds", "processor seconds", "peak memory, MB")
NOTES = (
    "Medians; each reading is in a fresh process, by turns.  Seconds are without the imports; processor seconds are "
    "those of all its processes, which a busy machine stretches less; the peak is of the whole process, with its "
    "packages and, for Parquet in s2v, the process that opens the file.",
    "s2v checks every row, finds the classes and deals the places into training, validation and test; pandas reads the "
    "columns; geopandas makes points of them.",
)
_BEGIN = "import os, sys, time; path = sys.argv[1]; "
_END = "; print(time.perf_counter() - start, sum(os.times()[:4]) - before, len(found))"
_START = "; before = sum(os.times()[:4]); start = time.perf_counter(); found = "
_GEOMETRY = (
    "geopandas.GeoDataFrame(t := pandas.read_csv(path), geometry=geopandas.points_from_xy(t.longitude, t.latitude))"
)
READERS = {  # by file and name: what is imported, and the reading
    ("CSV", "s2v"): ("import s2v.data", "s2v.data.read_points(path, target='species').lonlat"),
    ("CSV", "pandas"): ("import pandas", "pandas.read_csv(path)"),
    ("CSV", "geopandas"): ("import pandas, geopandas", _GEOMETRY),
    ("GeoParquet", "s2v"): ("import s2v.data", "s2v.data.read_points(path, target='species').lonlat"),
    ("GeoParquet", "pandas"): ("import pandas", "pandas.read_parquet(path)"),
    ("GeoParquet", "geopandas"): ("import geopandas", "geopandas.read_parquet(path)"),
}


def run(
    points: int = 1_000_000,
    repeat: int = 3,
    clock: Clock = WALL,
    on_progress: Callable[[str], None] = lambda line: None,
) -> Report:
    """Reads files of ``points`` places ``repeat`` times with each reader that is installed."""
    if repeat < 1:
        raise ValueError(f"repeat={repeat} is not a whole number of at least 1.")
    if points < 1:
        raise ValueError(f"points={points} is not a whole number of at least 1.")
    readers = {key: code for key, code in READERS.items() if importlib.util.find_spec(key[1]) is not None}
    found: dict[tuple[str, str], list[tuple[float, float, float]]] = {key: [] for key in readers}
    with tempfile.TemporaryDirectory(prefix="s2v-") as folder:
        paths = {"CSV": Path(folder, "places.csv"), "GeoParquet": Path(folder, "places.parquet")}
        write(points, paths["CSV"], paths["GeoParquet"])
        sizes = ", ".join(f"{name} of {path.stat().st_size / 1e6:.1f} MB" for name, path in paths.items())
        for turn in range(repeat):
            for kind, reader in list(readers) if turn % 2 == 0 else list(reversed(readers)):
                found[kind, reader].append(read(*readers[kind, reader], paths[kind], points))
                on_progress(f"{kind}, {reader}: {found[kind, reader][-1][0]:.2f} s")
    rows: list[dict[str, Cell]] = []
    for (kind, reader), each in found.items():
        seconds, busy, memory = (statistics.median(values) for values in zip(*each, strict=True))
        cells = (f"{kind}, {reader}", round(seconds, 2), round(busy, 2), round(memory))
        rows.append(dict(zip(COLUMNS, cells, strict=True)))
    return Report("files", f"{points:,} places, {repeat} repetitions, {sizes}", COLUMNS, tuple(rows), NOTES)


def read(imports: str, reading: str, path: Path, points: int) -> tuple[float, float, float]:
    """Seconds, processor seconds and peak megabytes of a reading in a process of its own."""
    code = f"{_BEGIN}{imports}{_START}{reading}{_END}"
    command = [sys.executable, "-c", code, str(path)]
    peak = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + MAX_SECONDS
        while process.poll() is None and time.monotonic() < until:
            peak = max(peak, _memory(process.pid))
            time.sleep(SAMPLE_SECONDS)
        process.kill()
        out, error = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{reading} failed: {error.strip().splitlines()[-1][:300] if error else 'no answer'}")
    seconds, busy, count = out.split()
    if int(count) != points:
        raise RuntimeError(f"{reading} found {int(count):,} of {points:,} places.")
    return float(seconds), float(busy), peak / 1e6


def _memory(pid: int) -> int:
    """Bytes that a process and those that it started hold."""
    import psutil  # type: ignore[import-untyped]

    held = 0
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        for each in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                held += each.memory_info().rss
    return held


def write(points: int, csv: Path, geoparquet: Path) -> None:
    """Random places with a class and a value, in both formats."""
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.csv  # type: ignore[import-untyped]
    import pyarrow.parquet  # type: ignore[import-untyped]
    import shapely

    rng = np.random.default_rng(0)
    lonlat = sphere.random_points(points, seed=0).round(5)
    names = np.array([f"Species number {i}" for i in range(CLASSES)])
    columns = {
        "species": pa.array(names[rng.integers(0, CLASSES, points)]),
        "value": pa.array(rng.normal(size=points).round(4)),
    }
    places = {"longitude": pa.array(lonlat[:, 0]), "latitude": pa.array(lonlat[:, 1])}
    pyarrow.csv.write_csv(pa.table({**places, **columns}), csv)
    geometry = pa.array(shapely.to_wkb(shapely.points(lonlat)).tolist(), pa.binary())
    column = {"encoding": "WKB", "geometry_types": ["Point"]}
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    table = pa.table({**columns, "geometry": geometry}).replace_schema_metadata({"geo": json.dumps(geo)})
    pyarrow.parquet.write_table(table, geoparquet)
