"""The command `python -m ner.doctor`, and its remotes without a server; servers are in tests/storage/."""

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from threading import Event

import pytest

from ner.core.params import read_params
from ner.doctor.__main__ import findings, report
from ner.doctor.finding import Finding, first_line
from ner.doctor.remotes import _within, check_remotes, cure_of
from ner.doctor.sources import source_files

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("text", "expected"), [("one.\ntwo", "one"), ("", "ValueError")])
def test_first_line_is_of_the_message(text: str, expected: str) -> None:
    assert first_line(ValueError(text)) == expected


def test_report_is_a_line_each_and_fails_for_failures_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert report([Finding("ok", "a", "x"), Finding("warn", "b", "x", "y")]) == 0
    assert report([Finding("fail", "a", "x", "y"), Finding("ok", "b", "x")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["ok    a            x", "warn  b            x. Cure: y"]


def test_folder_that_is_no_clone_is_told(tmp_path: Path) -> None:
    found = {finding.subject: finding for finding in findings(tmp_path)}
    assert [subject for subject, one in found.items() if one.status == "fail"] == [
        "environment",
        "params.yaml",
        "remote",
    ]
    assert all(finding.cure for finding in found.values() if finding.status != "ok")


def repository(at: Path, config: str) -> Path:
    subprocess.run(["git", "init", "-q", str(at)], check=True)
    (at / ".dvc").mkdir()
    (at / ".dvc/config").write_text(config, encoding="utf-8")
    return at


def remote(name: str, url: object, **settings: str) -> str:
    return f"['remote \"{name}\"']\n  url = {url}\n" + "".join(f"  {key} = {settings[key]}\n" for key in settings)


def test_remotes_are_all_checked_and_left_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    config = remote("here", tmp_path / "store") + remote("gone", tmp_path / "none") + remote("odd", "gs://x/y")
    found = list(check_remotes(repository(tmp_path / "a", config)))
    assert [(one.status, one.text.split()[0].strip(":")) for one in found] == [
        ("ok", "here"),
        ("fail", "gone"),
        ("fail", "odd"),
    ]
    assert "does not exist" in found[1].text
    assert "`dvc remote modify gone url ...`" in found[1].cure
    assert list((tmp_path / "store").iterdir()) == []
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("config", "status", "told"), [("", "warn", "none is configured"), ("[core]\n  no_such = 1\n", "fail", "no_such")]
)
def test_configuration_without_a_remote(config: str, status: str, told: str, tmp_path: Path) -> None:
    (finding,) = check_remotes(repository(tmp_path, config))
    assert finding.status == status
    assert told in finding.text


@pytest.mark.parametrize(
    ("protocol", "error", "cure"),
    [
        ("s3", PermissionError(13, "SignatureDoesNotMatch"), "--local team"),
        ("gs", RuntimeError("Permission denied: 403"), "--local team"),
        ("webdavs", OSError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"), "ssl_verify"),
        ("ssh", OSError(-2, "Name or service not known"), "team url"),
        ("http", FileNotFoundError("http://127.0.0.1/.ner-doctor"), "method PUT"),
        ("https", RuntimeError("405, message='Not Allowed'"), "method PUT"),
        ("s3", FileNotFoundError("The specified bucket does not exist"), "make or mount it"),
        ("local", OSError(28, "No space left on device"), "make room"),
        ("local", PermissionError(13, "Permission denied"), "right to write"),
        ("ssh", TimeoutError("no answer in 20 seconds"), "is the server up"),
    ],
)
def test_cure_of_a_remote_fits_the_error(protocol: str, error: Exception, cure: str) -> None:
    assert cure in cure_of(error, "team", protocol)


def test_remote_that_never_answers_is_given_up() -> None:
    """The event is set at the end, or its thread would keep the tests from ending."""
    never = Event()
    failure = _within(0.01, never.wait)
    never.set()
    assert isinstance(failure, TimeoutError)
    assert _within(60, lambda: None) is None


def test_command_checks_this_project(tmp_path: Path) -> None:
    """In a copy of what it reads: every line in its order, nothing left in the remote, and the exit status."""
    params = read_params(ROOT / "params.yaml")
    for path in source_files(params):
        (tmp_path / "mirror" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mirror" / path).touch()
    project = repository(tmp_path / "a", (ROOT / ".dvc/config").read_text(encoding="utf-8"))
    for folder in ("store", "requirements"):
        (project / folder).mkdir()
    (project / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    lock = f"click=={metadata.version('click')} --hash=sha256:{'0' * 64}\n"
    (project / "requirements/pipeline.txt").write_text(lock, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "DVC_GLOBAL_CONFIG_DIR": str(tmp_path / "none")}
    environment["NER_MIRROR"] = str(tmp_path / "mirror")
    command = [sys.executable, "-m", "ner.doctor"]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    subjects = ["Python", "processor", "memory", "disk", "environment", "params.yaml", "sources", "remote"]
    assert [line.split()[1] for line in lines] == subjects
    assert done.returncode == any(line.startswith("fail") for line in lines)
    assert not done.stderr
    assert lines[-1].endswith("released can be read and written to")
    assert list((project / "store").iterdir()) == []
