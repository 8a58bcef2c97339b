"""The drills, and what came of them -> faults.md: `python tests/storage/drills.py` renders the recorded rows.

`make drills` runs the tests with NER_DRILLS=1, which includes the long ones and records every row in drills.json.
"""

import json
import os
import re
from collections.abc import Callable
from dataclasses import asdict, astuple, dataclass
from pathlib import Path

import pytest
from loopback import KINDS, Remote
from project import Clone

HERE = Path(__file__).parent
RECORDED = HERE / "drills.json"
PAGE = HERE / "faults.md"
PLACES = {"local": "a folder", "ssh": "SSH", "webdavs": "WebDAV", "http": "HTTP", "s3": "S3"}
SERVERS = [kind for kind in PLACES if kind != "local"]
SECTIONS = {
    "An object of the storage is damaged": {
        f"{how}-{kind}": f"object {how}, {place}"
        for kind, place in PLACES.items()
        for how in ("truncated", "flipped", "missing")
    }
    | {"unverified": "object flipped, a folder, `verify` not set"},
    "Wrong credentials, wrong addresses": {
        f"credentials-{kind}": f"wrong credentials, {PLACES[kind]}" for kind in SERVERS
    }
    | {
        "rights-local": "a folder that may not be written to",
        "down-ssh": "nothing listens, SSH",
        "no-folder-webdavs": "folder not made beforehand, WebDAV",
        "no-bucket-s3": "no such bucket, S3",
        "post-http": "`method` not set, HTTP",
        "no-remote": "no remote set, pull",
    },
    "The server goes down half-way": {
        f"cut-{action}-{kind}": f"line cut in the middle of a file, {action}, {PLACES[kind]}"
        for kind in SERVERS
        for action in ("push", "pull")
    },
    "Killed (kill -9)": {
        f"killed-{action}-{kind}": f"dvc killed in the middle of a file, {action}, {place}"
        for kind, place in PLACES.items()
        for action in ("push", "pull")
    }
    | {
        "killed-download": "download killed in the middle of a file",
        "killed-train": "dvc and the training killed",
        "killed-dvc": "dvc killed, its training left alone, and a second repro",
    },
    "Ctrl-C": {
        "interrupted-repro": "during a training",
        "interrupted-push": "during a push, S3",
        "interrupted-pull": "during a pull, S3",
    },
    "Disk full": {
        "full-pull": "the clone's disk, pull",
        "full-repro": "the clone's disk, repro",
        "full-push": "the storage's disk, a folder, push",
    },
    "Several at once, rights, clock": {
        "two-same": "two `dvc repro` of the same stage",
        "two-other": "two `dvc repro` of different stages",
        "read-only-cache": "the cache may not be written to, repro",
        "shared-cache": "a cache of two users, `cache.shared group`",
        "unshared-cache": "a cache of two users, DVC not told",
        "clock-back": "the clock a year back, between an edit and repro",
        "clock-s3": "the clock a day ahead, pull, S3",
        "clock-webdavs": "the clock a year ahead, pull, WebDAV",
    },
}
DRILLS = {name: fault for drills in SECTIONS.values() for name, fault in drills.items()}
HEAD = """\
# Faults

What was broken on purpose, what came of it, and whether the second try succeeded. The tests in
this folder break it and write these rows: `make drills` runs them all (some minutes; some need root) and renders this
page; `make test` runs the short ones. The servers are real ones on this machine: OpenSSH, nginx for HTTP and WebDAV
over TLS, `rclone serve s3`. Remotes are set up as [storage.md](../../docs/storage.md) says, with `verify` unless the
row says otherwise.

Two rules hold in every row, or the test fails: no object of the cache, and no output in the workspace, is half-written
or wrong under a right name; and the second try, once the cause is gone, gives the same bytes as if nothing had been.
"""


LONG = pytest.mark.skipif("NER_DRILLS" not in os.environ, reason="a long drill, for `make drills`")
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk or be two users")
WHOLE = "exit 0, same bytes"
Make = Callable[..., Clone]
Serve = Callable[[str], Remote]
Drill = Callable[..., None]


def quick(*kinds: str) -> list[object]:
    """All kinds of storage, a folder the first; `make test` runs these alone."""
    return [kind if kind in kinds else pytest.param(kind, marks=LONG) for kind in KINDS]


@dataclass(frozen=True)
class Row:
    """One drill: what came of the fault, what the user saw last, and the cure with the second try."""

    happened: str
    seen: str
    again: str


def tidy(text: str) -> str:
    """Without what differs from one time and machine to the next."""
    text = re.sub(r"/\S*?/pytest-of-[^/\s]+/pytest-\d+/[^/\s']+", "<folder>", text)
    text = re.sub(r"\S*/site-packages/dvc/__main__\.py", "dvc", text)
    text = re.sub(r"\b(PID|process) \d+", r"\1 <n>", text)
    text = re.sub(r"127\.0\.0\.1(:\d+)?", "<server>", text)
    return re.sub(r"\buser \w+ on host", "user <you> on host", text)


def recorded() -> dict[str, Row]:
    rows = json.loads(RECORDED.read_text(encoding="utf-8")) if RECORDED.exists() else {}
    return {name: Row(**row) for name, row in rows.items()}


def record(rows: dict[str, Row]) -> None:
    """Adds rows to those recorded before, in the order of the page."""
    known = recorded() | {name: Row(*map(tidy, astuple(row))) for name, row in rows.items()}
    text = json.dumps({name: asdict(known[name]) for name in DRILLS if name in known}, indent=1, ensure_ascii=False)
    RECORDED.write_text(f"{text}\n", encoding="utf-8")


def page(rows: dict[str, Row]) -> str:
    """The whole page, of rows that were recorded."""
    text = HEAD
    for section, drills in SECTIONS.items():
        text += f"\n## {section}\n\n| fault | what happened | what the user saw | cure, and the second try |\n"
        text += "|---|---|---|---|\n"
        for name, fault in drills.items():
            row = rows[name]
            text += f"| {fault} | {row.happened} | {_quoted(row.seen)} | {row.again} |\n"
    return text


def _quoted(text: str) -> str:
    text = " ".join(text.replace("|", "/").split())
    return f"<code>{text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')}</code>" if text else ""


def main() -> None:
    PAGE.write_text(page(recorded()), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
