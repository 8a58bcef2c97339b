"""What `make doctor` says of machine, environment, mirror and cache; of remotes in tests/storage/."""

import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from ner.core.params import read_params
from ner.doctor.__main__ import main, tell
from ner.doctor.causes import explain
from ner.doctor.finding import Finding, said
from ner.doctor.machine import (
    available_memory,
    check_clock,
    check_disk,
    check_environment,
    check_memory,
    check_python,
    locked,
)
from ner.doctor.sources import check_mirror, check_params_file, check_terms, published_files, terms
from ner.doctor.storage import check_busy, check_cache, check_secrets

ROOT = Path(__file__).parents[2]
PARAMS: dict[str, Any] = read_params(ROOT / "params.yaml")
PAGE = (ROOT / "docs/data.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("version", "status"), [((3, 10, 14), "fail"), ((3, 11, 0), "ok"), ((3, 14, 1), "ok"), ((2, 7, 18), "fail")]
)
def test_python_is_new_enough(version: tuple[int, ...], status: str) -> None:
    finding = check_python(version)
    assert finding.status == status
    assert ".".join(map(str, version)) in finding.text


@pytest.mark.parametrize(("free", "status"), [(0.2e9, "fail"), (3e9, "warn"), (50e9, "ok")])
def test_disk_and_memory_are_told_by_what_is_needed(free: float, status: str, tmp_path: Path) -> None:
    assert check_disk(tmp_path, free).status == status
    assert check_memory({"fail": 0.5e9, "warn": 2e9, "ok": 16e9}[status]).status == status


def test_memory_of_this_machine_is_some() -> None:
    assert 1e7 < available_memory() < 1e14


LOCK = """\
click==8.5.1 \\
    --hash=sha256:00
colorama==0.4.6 ; sys_platform == 'nowhere' \\
    --hash=sha256:00
jupyter-core[extra]==5.0 ; python_version >= '3.0' \\
    --hash=sha256:00
"""


def test_locked_reads_versions_and_markers(tmp_path: Path) -> None:
    (tmp_path / "lock.txt").write_text(LOCK, encoding="utf-8")
    assert locked(tmp_path / "lock.txt") == {"click": "8.5.1", "jupyter-core": "5.0"}


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.stem)
def test_locked_reads_every_package_of_our_locks(path: Path) -> None:
    names = [line.partition("==")[0].partition("[")[0] for line in path.read_text().splitlines() if "==" in line[:80]]
    found = locked(path)
    assert set(found) <= set(names)
    assert len(found) > 0.7 * len(set(names))  # the rest is for other systems


@pytest.mark.parametrize(
    ("lines", "status", "told"),
    [
        ("click=={click}", "ok", "1 packages, as in requirements/pipeline.txt"),
        ("click==0.0.1", "warn", "click {click} instead of 0.0.1"),
        ("click=={click}\nno-such-package==1.0", "fail", "no-such-package"),
    ],
)
def test_environment_is_compared_with_the_lock(lines: str, status: str, told: str, tmp_path: Path) -> None:
    version = metadata.version("click")
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/pipeline.txt").write_text(lines.format(click=version), encoding="utf-8")
    finding = check_environment(tmp_path)
    assert finding.status == status
    assert told.format(click=version) in finding.text
    assert ("make .venv/pipeline.stamp" in finding.cure) == (status != "ok")


def test_environment_of_a_folder_without_locks_is_not_in_order(tmp_path: Path) -> None:
    assert check_environment(tmp_path).status == "fail"


def test_environment_looks_at_the_groups_that_make_installed(tmp_path: Path) -> None:
    for folder in ("requirements", ".venv"):
        (tmp_path / folder).mkdir()
    for group in ("pipeline", "storage", "bench"):
        (tmp_path / f"requirements/{group}.txt").write_text(f"only-in-{group}==1.0\n", encoding="utf-8")
    (tmp_path / ".venv/storage.stamp").touch()
    text = check_environment(tmp_path).text
    assert "only-in-pipeline, only-in-storage" in text
    assert "bench" not in text


@pytest.mark.parametrize(("ahead", "status"), [(-5.0, "ok"), (30.0, "ok"), (7200.0, "warn")])
def test_clock_that_was_set_back_shows_in_files(ahead: float, status: str, tmp_path: Path) -> None:
    (tmp_path / "dvc.lock").touch()
    now = (tmp_path / "dvc.lock").stat().st_mtime - ahead
    finding = check_clock(tmp_path, now)
    assert finding.status == status
    assert ("120 minutes from now" in finding.text) == (status == "warn")


@pytest.mark.parametrize(
    ("text", "status", "told"),
    [
        ((ROOT / "params.yaml").read_text(encoding="utf-8"), "ok", f"{len(PARAMS['runs'])} runs"),
        ("runs: {}\nruns: {}\n", "fail", "stands twice"),
        ("extra: 1\n", "fail", "extra: unknown key"),
    ],
)
def test_params_file_is_checked_as_every_stage_does(text: str, status: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text(text, encoding="utf-8")
    finding = check_params_file(tmp_path)
    assert finding.status == status
    assert told in finding.text


def test_mirror_that_is_not_set_is_well() -> None:
    assert check_mirror(PARAMS, "").status == "ok"


def test_mirror_that_is_no_folder_fails(tmp_path: Path) -> None:
    finding = check_mirror(PARAMS, str(tmp_path / "none"))
    assert finding.status == "fail"
    assert "unset NER_MIRROR" in finding.cure


def test_mirror_is_told_by_what_it_lacks(tmp_path: Path) -> None:
    paths = published_files(PARAMS)
    assert "glove/glove.6B.zip" in " ".join(paths) or len(paths) > 10
    for path in paths[1:]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    finding = check_mirror(PARAMS, str(tmp_path))
    assert finding.status == "warn"
    assert f"{len(paths) - 1} of {len(paths)} files; not {paths[0]}" in finding.text
    (tmp_path / paths[0]).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / paths[0]).touch()
    assert check_mirror(PARAMS, str(tmp_path)).status == "ok"


def test_terms_of_every_corpus_are_written_down() -> None:
    """In the table of the page, as it stands."""
    finding = check_terms(PARAMS, PAGE)
    assert "nobody has written down" not in finding.text
    assert {"gmb", "conll2003", "bc5cdr", "anercorp", "demo-*"} <= terms(PAGE).keys()
    assert "conll2003: " in finding.text
    assert "demo" not in finding.text


def test_terms_that_are_missing_are_asked_for() -> None:
    finding = check_terms({"corpora": {"mine": {}}}, PAGE)
    assert (finding.status, "mine" in finding.text) == ("warn", True)


def test_cache_of_a_group_wants_dvc_to_know(tmp_path: Path) -> None:
    tmp_path.chmod(0o2775)
    assert check_cache(tmp_path, {}).status == "warn"
    assert check_cache(tmp_path, {"shared": "group"}).status == "ok"


def test_cache_that_is_not_there_yet_is_judged_by_its_place(tmp_path: Path) -> None:
    assert check_cache(tmp_path / "a/b/c", {}).status == "ok"


@pytest.mark.parametrize(
    ("entries", "status"),
    [
        ({"write": {}, "read": {}}, "ok"),
        ({"write": {"/x": {"pid": 2**22 + 1, "cmd": "dvc repro"}}}, "ok"),
        ({"read": {"/x": [{"pid": os.getpid(), "cmd": "dvc repro train@a"}]}}, "warn"),
        ("{", "fail"),
        ({"write": {"/x": {"cmd": "dvc repro"}}}, "fail"),
    ],
)
def test_lock_names_who_is_alive(entries: object, status: str, tmp_path: Path) -> None:
    (tmp_path / "rwlock").write_text(entries if isinstance(entries, str) else json.dumps(entries), encoding="utf-8")
    finding = check_busy(tmp_path / "rwlock")
    assert finding.status == status
    if status == "warn":
        assert f"dvc repro train@a (process {os.getpid()})" in finding.text


@pytest.mark.parametrize(
    ("config", "local", "mode", "status", "told"),
    [
        ("", None, 0, "ok", "none"),
        ("['remote \"team\"']\n  url = s3://b\n  password = x\n", None, 0, "fail", "password"),
        ("['remote \"team\"']\n  url = https://me:" + "x@example.org\n", None, 0, "fail", "url"),
        ("['remote \"team\"']\n  url = https://me@example.org\n", None, 0, "ok", "none"),
        ("[core]\n  # password = x\n", "['remote \"team\"']\n  password = x\n", 0o600, "ok", "password"),
        ("", "['remote \"team\"']\n  secret_access_key = x\n", 0o644, "warn", "secret_access_key"),
    ],
)
def test_secrets_are_where_git_does_not_look(
    config: str, local: str | None, mode: int, status: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text(config, encoding="utf-8")
    if local is not None:
        (tmp_path / ".dvc/config.local").write_text(local, encoding="utf-8")
        (tmp_path / ".dvc/config.local").chmod(mode)
    finding = check_secrets(tmp_path)
    assert finding.status == status
    assert told in finding.text
    assert "= x" not in finding.line()


@pytest.mark.parametrize(
    ("scheme", "error", "cause"),
    [
        ("s3", PermissionError(13, "SignatureDoesNotMatch"), "refuses the login"),
        ("webdavs", RuntimeError("received 401 (Unauthorized)"), "refuses the login"),
        ("ssh", ConnectionRefusedError(111, "Connect call failed"), "is not reached"),
        ("https", OSError("Cannot connect to host x:443 ssl:default"), "is not reached"),
        ("https", OSError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"), "certificate"),
        ("s3", OSError("RequestTimeTooSkewed"), "clock"),
        ("ssh", OSError(-2, "Name or service not known"), "nobody knows"),
        ("", PermissionError(13, "Permission denied"), "may not be used by this user"),
        ("", OSError(28, "No space left on device"), "is full"),
        ("", OSError(30, "Read-only file system"), "read-only"),
        ("webdav", FileNotFoundError(2, "ner"), "no such folder"),
        ("ssh", TimeoutError("no answer in 20 seconds"), "does not answer"),
        ("gs", RuntimeError("Permission denied: 403"), "refuses the login"),
        ("s3", RuntimeError("something else"), "something else"),
    ],
)
def test_explain_knows_the_cause_and_has_a_cure(scheme: str, error: Exception, cause: str) -> None:
    told, cure = explain(scheme, "team", error)
    assert cause in told
    assert cure
    assert "{" not in cure


def test_explain_looks_behind_an_error() -> None:
    error = RuntimeError("failed")
    error.__cause__ = ConnectionRefusedError(111, "Connection refused")
    assert "is not reached" in explain("ssh", "team", error)[0]


def test_finding_is_one_line_or_as_wide_as_the_terminal() -> None:
    finding = Finding("warn", "remote", "word " * 30 + "end", "do this")
    line = finding.line()
    assert line.startswith("warn  remote       word")
    assert line.endswith("Cure: do this")
    assert "\n" not in line
    narrow = finding.line(60).split("\n")
    assert max(map(len, narrow)) <= 60
    assert all(row.startswith(" " * 19) for row in narrow[1:])
    assert "".join(narrow).count("word") == 30
    assert finding.line(colours=True).startswith("\033[33mwarn")


@pytest.mark.parametrize(("text", "expected"), [("one.\ntwo", "one"), ("", "ValueError"), ("x" * 300, "x" * 157)])
def test_said_is_the_first_line(text: str, expected: str) -> None:
    assert said(ValueError(text)).rstrip(".") == expected


def test_tell_counts_and_fails_for_failures_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert tell(iter([Finding("ok", "a", "x"), Finding("warn", "b", "x", "y")])) == 0
    assert tell(iter([Finding("fail", "a", "x", "y")])) == 1
    assert capsys.readouterr().out.splitlines()[2] == "0 to mend, 1 to know, 1 in order"


def test_doctor_of_a_folder_that_is_no_clone_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(tmp_path, []) == 1
    lines = capsys.readouterr().out.splitlines()
    by_subject = {line[6:18].strip(): line for line in lines[:-1]}
    assert by_subject["params.yaml"].startswith("fail")
    assert "git clone" in by_subject["DVC"]
    assert all(line[:6].strip() in ("ok", "warn", "fail") for line in lines[:-1])
    assert all("Cure: " in line for line in lines[:-1] if not line.startswith("ok"))


def test_doctor_of_this_project_by_the_command_line(tmp_path: Path) -> None:
    """In a copy of what it reads, without a remote: all lines, in their order, and the exit status that they give."""
    for name in ("params.yaml", "dvc.yaml", "dvc.lock", "docs/data.md", ".dvc/config"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/pipeline.txt").write_text(f"click=={metadata.version('click')}\n", encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    environment = {key: value for key, value in os.environ.items() if key != "NER_MIRROR"}
    environment |= {"PYTHONPATH": str(ROOT), "DVC_GLOBAL_CONFIG_DIR": str(tmp_path / "none")}
    command = [sys.executable, "-m", "ner.doctor"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    subjects = ["Python", "environment", "disk", "memory", "clock", "params.yaml", "mirror", "terms"]
    assert [line[6:18].strip() for line in lines[:-1]] == [*subjects, "cache", "kept", "lock", "secrets", "remote"]
    assert done.returncode == any(line.startswith("fail") for line in lines)
    assert not done.stderr
    assert "dvc remote add -d team" in lines[-2]
