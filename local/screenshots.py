"""Screenshots: pictures of the Slack look-alike and of the hub's pages for the documents, taken of a running stack.

`make screenshots` writes them to docs/images, once the stack's opening is over. It takes Chromium, its driver and a
font with emoji: `apt install chromium chromium-driver fonts-noto-color-emoji`; a browser may also be called
`chromium-browser` or `google-chrome`.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from local import slack_screenshots
from local.cli import ANY_PORTS
from local.state import State, running
from local.ui_screenshots import shoot_all

PROJECT = Path(__file__).parent.parent
IMAGES = PROJECT / "docs" / "images"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# The channel that each picture shows, by the picture's name.
PICTURES = {"slack.png": "monitoring"}
SIZE = "1000,760"
# The line that ends the opening; everything that belongs into a picture has been sent by then.
OPENING_ENDS = "That was the opening."
# Milliseconds of the page's own time, in which it has asked for messages more than once.
PAGE_TIME = 5_000


class NoBrowserError(Exception):
    """There is no Chromium here."""


def browser() -> str:
    """Return the path of a Chromium; NoBrowserError where there is none."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise NoBrowserError(
            "Pictures take Chromium: install it (apt install chromium chromium-driver fonts-noto-color-emoji), "
            "and try again."
        )
    return found


@contextmanager
def opening(folder: Path) -> Iterator[State]:
    """Run a stack until its opening is over, and yield where it is."""
    state = folder / "local.json"
    command = [sys.executable, "-m", "local", *ANY_PORTS, "--no-color", "--state", str(state)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as stack:  # noqa: S603 - our own program
        try:
            for line in stack.stdout or ():
                if OPENING_ENDS in line:
                    break
            yield running(state)
        finally:
            stack.terminate()


def shoot(chromium: str, address: str, picture: Path, profile: Path) -> None:
    """Take a picture of a page."""
    options = (
        *("--headless", "--disable-gpu", "--hide-scrollbars", "--no-sandbox"),
        *(f"--user-data-dir={profile}", f"--window-size={SIZE}", f"--virtual-time-budget={PAGE_TIME}"),
    )
    command = [chromium, *options, f"--screenshot={picture}", address]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)  # noqa: S603 - a browser on our own page


def main() -> int:
    """Take every picture, and return the exit code."""
    try:
        chromium = browser()
    except NoBrowserError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, opening(Path(folder)) as here:
        for name, channel in PICTURES.items():
            shoot(chromium, f"{here.slack}/#{channel}", IMAGES / name, Path(folder) / "profile")
            sys.stdout.write(f"docs/images/{name} was written.\n")
        for name in chain(slack_screenshots.shoot_all(chromium, here, IMAGES), shoot_all(chromium, here, IMAGES)):
            sys.stdout.write(f"docs/images/{name} was written.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
