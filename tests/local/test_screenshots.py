"""Screenshots are taken by whatever Chromium there is; without one, a line says what to install."""

import re
from pathlib import Path
from typing import NoReturn

import pytest

from local import screenshots, slack_screenshots, ui_screenshots
from local.cli import parser

ROOT = Path(__file__).parent.parent.parent
LARGEST = 300_000


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the only folder of programs, with none in it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_without_a_browser_a_line_says_what_to_install(programs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert screenshots.main() == 1
    assert capsys.readouterr().err.startswith("Pictures take Chromium: install it")


def test_a_browser_gets_the_page_and_writes_the_picture(programs: Path) -> None:
    program = programs / "chromium-browser"
    program.write_text(
        '#!/bin/sh\nfor each; do case $each in --screenshot=*) echo "$each" > "${each#*=}";; esac; done\n'
    )
    program.chmod(0o700)

    screenshots.shoot(screenshots.browser(), "http://127.0.0.1/#ops", programs / "picture.png", programs / "profile")

    assert (programs / "picture.png").read_text() == f"--screenshot={programs / 'picture.png'}\n"


def test_pictures_are_taken_beside_whatever_stack_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []

    def start(command: list[str], **_: object) -> NoReturn:
        started.append(command)
        raise InterruptedError

    monkeypatch.setattr("subprocess.Popen", start)
    with pytest.raises(InterruptedError), screenshots.opening(tmp_path):
        pass

    chosen = vars(parser().parse_args(started[0][started[0].index("local") + 1 :]))
    ports = {name: port for name, port in chosen.items() if name.endswith("_port")}
    assert ports == {"api_port": 0, "slack_port": 0, "receivers_port": 0, "aws_port": 0}


def test_every_picture_is_shown_and_small() -> None:
    pages = {"README.md": "docs/images/", "docs/ui.md": "images/", "docs/slack.md": "images/"}
    shown = {
        name
        for page, folder in pages.items()
        for name in re.findall(rf"{folder}([\w-]+\.png)", (ROOT / page).read_text())
    }

    assert shown == {path.name for path in screenshots.IMAGES.iterdir()}
    driven = (*ui_screenshots.NAMES, *slack_screenshots.NAMES)
    assert shown == {*screenshots.PICTURES, *(f"{name}.png" for name in driven)}
    assert all(path.stat().st_size < LARGEST for path in screenshots.IMAGES.iterdir())
