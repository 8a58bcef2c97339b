"""What `make doctor` says of Python, processor, memory, disk and installed packages."""

import shutil
from importlib import metadata
from pathlib import Path

import pytest

from ner.doctor.machine import (
    available_memory,
    check_disk,
    check_environment,
    check_memory,
    check_processor,
    check_python,
)


@pytest.mark.parametrize(
    ("version", "status"), [((3, 10, 14), "fail"), ((3, 11, 0), "ok"), ((3, 14, 1), "ok"), ((2, 7, 18), "fail")]
)
def test_python_is_new_enough(version: tuple[int, ...], status: str) -> None:
    finding = check_python(version)
    assert finding.status == status
    assert ".".join(map(str, version)) in finding.text


@pytest.mark.parametrize(
    ("machine", "flags", "status"),
    [
        ("x86_64", "flags : sse4_2 avx avx2 fma", "ok"),
        ("x86_64", "flags : sse4_2 avx", "fail"),
        ("aarch64", "Features : asimd", "warn"),
    ],
)
def test_processor_has_avx2(machine: str, flags: str, status: str, tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text(flags, encoding="utf-8")
    assert check_processor(machine, tmp_path / "cpuinfo").status == status


def test_processor_of_another_system_is_not_known(tmp_path: Path) -> None:
    assert check_processor("x86_64", tmp_path / "none").status == "warn"


@pytest.mark.parametrize(("available", "status"), [(0.5e9, "fail"), (2e9, "warn"), (16e9, "ok")])
def test_memory_is_compared_with_what_a_training_takes(available: float, status: str) -> None:
    assert check_memory(available).status == status


def test_memory_of_this_machine_is_some() -> None:
    assert 1e7 < available_memory() < 1e14


@pytest.mark.parametrize(("free", "status"), [(0.2e9, "fail"), (50e9, "ok")])
def test_disk_is_compared_with_what_the_pipeline_takes(free: float, status: str, tmp_path: Path) -> None:
    assert check_disk(tmp_path, free).status == status


def test_disk_of_a_folder_is_measured(tmp_path: Path) -> None:
    assert f"{shutil.disk_usage(tmp_path).free / 1e9:.0f}"[:1] == check_disk(tmp_path).text[:1]


LOCKED = "{name}=={version} \\\n    --hash=sha256:" + "0" * 64 + "\n"


@pytest.mark.parametrize(
    ("name", "version", "status"),
    [("click", metadata.version("click"), "ok"), ("click", "0.0.1", "fail"), ("no-such-package", "1.0", "fail")],
)
def test_environment_is_compared_with_the_lock(name: str, version: str, status: str, tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/pipeline.txt").write_text(LOCKED.format(name=name, version=version), encoding="utf-8")
    finding = check_environment(tmp_path)
    assert finding.status == status
    assert status == "ok" or f"{name}=={version}" in finding.text
    assert ("make .venv/pipeline.stamp" in finding.cure) == (status != "ok")


def test_environment_of_a_folder_without_locks_fails(tmp_path: Path) -> None:
    finding = check_environment(tmp_path)
    assert finding.status == "fail"
    assert "requirements/pipeline.txt" in finding.text


def test_environment_looks_at_the_groups_that_make_installed(tmp_path: Path) -> None:
    for folder in ("requirements", ".venv"):
        (tmp_path / folder).mkdir()
    for group, name in (("pipeline", "click"), ("storage", "only-in-storage"), ("dev", "only-in-dev")):
        version = metadata.version("click") if name == "click" else "1.0"
        (tmp_path / f"requirements/{group}.txt").write_text(LOCKED.format(name=name, version=version), encoding="utf-8")
    (tmp_path / ".venv/storage.stamp").touch()
    finding = check_environment(tmp_path)
    assert "only-in-storage" in finding.text
    assert "only-in-dev" not in finding.text
    assert finding.cure.endswith("`make .venv/pipeline.stamp .venv/storage.stamp`")
