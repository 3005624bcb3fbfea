"""What serves the lab elsewhere: the Dockerfile, compose.yaml, the unit, the Space, the tile in Jupyter."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from s2v.bench.server import running
from s2v.cli import lab
from s2v.cli import main as command_line
from s2v.ui import health, jupyter
from tests.clusters import ROOT

SERVING = ROOT / "docs" / "serving"
LINES = re.sub(r"\\\n", " ", re.sub(r"^ *#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.M)).splitlines()
STEPS = [(first, rest.strip()) for first, _, rest in (line.partition(" ") for line in LINES if line.strip())]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def steps(instruction: str) -> list[str]:
    return [rest for first, rest in STEPS if first == instruction]


def environment() -> dict[str, str]:
    return dict(pair.split("=", 1) for line in steps("ENV") for pair in shlex.split(line))


def test_the_dockerfile_passes_its_linter() -> None:
    linter = shutil.which("hadolint", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert linter, "install requirements-dev.txt"
    done = subprocess.run([linter, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_is_slim_and_its_python_is_supported() -> None:
    (image,) = steps("FROM")
    assert image == "python:3.11-slim"
    assert PROJECT["project"]["requires-python"].startswith(">=3.11")


def test_the_image_has_the_whole_app_and_no_more() -> None:
    copied = [word for line in steps("COPY") for word in line.split()[:-1]]
    app = {*PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"], "s2v"}
    assert sorted(copied) == sorted(app | {"requirements.txt", "constraints.txt"})
    ignored = (ROOT / ".dockerignore").read_text().split("\n")
    assert {line.removeprefix("!") for line in ignored if line.startswith("!")} == set(copied)
    assert "*" in ignored
    assert all((ROOT / name).exists() for name in copied)


def test_the_image_is_not_run_by_root_and_keeps_races_where_its_user_may_write() -> None:
    assert [name for name, _ in STEPS].index("USER") < [name for name, _ in STEPS].index("CMD")
    (user,), (volume,) = steps("USER"), steps("VOLUME")
    set_up = steps("RUN")[0]
    assert f"--uid {user} lab" in set_up
    assert f"install -d -o lab -g lab -m 700 {volume}" in set_up
    assert environment()["S2V_STORE"] == volume


def test_torch_is_the_pinned_one_without_cuda() -> None:
    (install,) = (step for step in steps("RUN") if "pip install" in step)
    first, second = install.split("&&")
    assert '--index-url "$TORCH_INDEX"' in first
    assert steps("ARG") == ["TORCH_INDEX=https://download.pytorch.org/whl/cpu"]
    (pin,) = re.findall("^torch==.*", (ROOT / "requirements.txt").read_text(), re.M)
    taken = re.search(r'"\$\((grep .*?)\)"', first)
    assert taken
    assert subprocess.check_output(shlex.split(taken[1]), cwd=ROOT, text=True).split() == [pin]
    assert second.split()[-4:] == ["-r", "requirements.txt", "-c", "constraints.txt"]


def test_the_image_starts_and_its_health_is_seen(tmp_path: Path) -> None:
    (start,), (asked,) = steps("CMD"), steps("HEALTHCHECK")
    command = [sys.executable, *json.loads(start)[1:]]
    check = [sys.executable, *json.loads(asked.partition("CMD ")[2])[1:]]
    variables = environment() | {"PYTHONPATH": str(ROOT), "S2V_STORE": "off", "STREAMLIT_SERVER_ADDRESS": "127.0.0.1"}
    variables["STREAMLIT_SERVER_BASE_URL_PATH"] = "lab"
    with_port = ["env", "STREAMLIT_SERVER_PORT={port}", *command]
    with running(command=with_port, environment=variables, options={"server.baseUrlPath": "lab"}) as server:
        port = server.url.split(":")[2].partition("/")[0]
        own = os.environ | variables | {"STREAMLIT_SERVER_PORT": port}
        assert subprocess.run(check, env=own, check=False).returncode == 0
        wrong = own | {"STREAMLIT_SERVER_BASE_URL_PATH": ""}
        assert subprocess.run(check, env=wrong, check=False, stderr=subprocess.PIPE).returncode == 1
    ended = subprocess.run(check, env=own, check=False, capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"The lab at http://127.0.0.1:{port}/lab/ does not answer: ")
    assert float(re.search(r"--timeout=(\d+)s", asked)[1]) > health.WAIT_SECONDS  # type: ignore[index]


def test_only_the_lab_is_published_and_only_to_its_own_machine() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["lab"]
    assert SERVICES["lab"]["ports"] == ["127.0.0.1:${PORT:-8501}:8501"]
    assert COMPOSE["networks"]["cluster"]["internal"]
    assert [SERVICES[name]["networks"] for name in ("scheduler", "worker")] == [["cluster"], ["cluster"]]


def test_workers_can_be_counted_and_reach_the_scheduler_of_the_lab() -> None:
    address = SERVICES["lab"]["environment"]["S2V_SCHEDULER"]
    assert address in SERVICES["worker"]["command"]
    assert address == f"tcp://scheduler:{SERVICES['scheduler']['command'][3]}"
    assert not {"ports", "container_name", "hostname"} & SERVICES["worker"].keys()
    assert (environment()["PYTHONMALLOC"], SERVICES["worker"]["environment"]) == ("malloc", {"PYTHONMALLOC": "default"})
    for name in ("scheduler", "worker"):  # the options exist
        program = SERVICES[name]["command"][1]
        options = import_module(f"distributed.cli.dask_{program}").main.params
        known = {option for one in options for option in (*one.opts, *one.secondary_opts)}
        assert {word for word in SERVICES[name]["command"] if word.startswith("--")} <= known


def test_jupyter_starts_the_lab_below_its_own_address() -> None:
    entries = PROJECT["project"]["entry-points"]["jupyter_serverproxy_servers"]
    ((name, where),) = entries.items()
    module, _, function = where.partition(":")
    entry = getattr(import_module(module), function)()
    assert name == jupyter.NAME
    base = "/user/ada/"
    command = [word.format(port="{port}", base_url=base) for word in entry["command"]]
    options = {"server.baseUrlPath": base + name}
    with running(command=command, environment=entry["environment"], options=options, folder=ROOT) as server:
        assert server.url.endswith("/user/ada/sphere2vec-lab")  # where its health has been seen
    assert entry["absolute_url"]
    assert entry["request_headers_override"] == {"Host": "localhost:{port}", "Origin": "http://localhost:{port}"}


def test_the_unit_starts_the_lab_and_keeps_races_where_it_may_write(monkeypatch: pytest.MonkeyPatch) -> None:
    unit = configparser.RawConfigParser(strict=False, delimiters="=")
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(SERVING / "sphere2vec-lab.service")
    service = unit["Service"]
    program, *options = service["ExecStart"].split()
    assert Path(program).name in PROJECT["project"]["scripts"]
    seen: list[Any] = []
    monkeypatch.setattr(lab, "work", seen.append)
    assert command_line(["lab", *options]) == 0
    assert (seen[0].port, seen[0].base_path, seen[0].allow) == (8501, "lab", ["lab.example"])
    text = (SERVING / "sphere2vec-lab.service").read_text()
    assert f"S2V_STORE=/var/lib/{service['StateDirectory']}/races" in text


def test_the_space_is_the_image_at_its_port() -> None:
    _, front, _ = (SERVING / "huggingface.md").read_text().split("---\n", 2)
    space = yaml.safe_load(front)
    assert (space["sdk"], space["app_port"], space["license"]) == ("docker", 8501, "apache-2.0")
    assert steps("EXPOSE") == [str(space["app_port"])] == [environment()["STREAMLIT_SERVER_PORT"]]


def test_the_guide_says_what_was_measured() -> None:
    guide = (ROOT / "docs" / "serving.md").read_text()
    measured = {name: (ROOT / "docs" / name).read_text().replace(",", "") for name in ("soak.md", "speed.md")}
    for start, page in (("memory of the server |", "soak.md"), ("memory of its processes", "soak.md")):
        (row,) = (line for line in guide.splitlines() if line.startswith(f"| {start}") and "half" in line)
        numbers = [number.replace(",", "") for number in re.findall(r"([\d,]+) MB", row)]
        assert len(numbers) >= 2
        assert " ".join(numbers) in measured[page], numbers
    (row,) = (line for line in measured["speed.md"].splitlines() if line.startswith("| 20 | 60 0 |"))
    assert "| 0.25 0.34 |" in row
    assert "| 232 391 256 |" in row
    assert all(text in guide for text in ("0.34 s at the 95th percentile", "391 MB and 737 MB at most", "all 60 races"))


def test_the_guide_links_to_files_that_are_there() -> None:
    guide = ROOT / "docs" / "serving.md"
    for link in re.findall(r"\]\(([^)#]+)\)", guide.read_text()):
        assert (guide.parent / link).exists(), link
