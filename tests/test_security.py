"""Nothing unlocked, no pickle, no secret, no way out of a folder, no address without TLS."""

import ast
import gzip
import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import onnx
import pytest
import safetensors.numpy
import yaml

from ner.corpora.lines import CorpusFormatError, read_lines
from ner.encoders.four_bits import MAGIC as FOUR_BITS
from ner.encoders.four_bits import read_four_bits

ROOT = Path(__file__).parents[1]
CODE = sorted(path for top in ("ner", "stages", "samples") for path in (ROOT / top).rglob("*.py"))
TRACKED = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True).split("\0")[:-1]


# Locks


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.stem)
def test_lock_has_versions_and_hashes_for_all_packages_and_names_no_place(path: Path) -> None:
    entries = re.split(r"\n(?=\S)", path.read_text(encoding="utf-8").strip())
    assert len(entries) > 10
    for entry in entries:
        assert re.match(r"[a-z0-9][a-z0-9._-]*(\[[a-z0-9,_-]+\])?==\S+", entry), entry.splitlines()[0]
        hashes = re.findall(r"--hash=(\S+)", entry)
        assert hashes, entry.splitlines()[0]
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes)
        assert "://" not in entry
        assert " @ " not in entry


def test_makefile_installs_with_hashes_alone() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    installs = [line for line in text.splitlines() if "pip install" in line and not line.lstrip().startswith("#")]
    assert installs
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs), installs


# Code

UNSAFE = {"pickle", "cPickle", "_pickle", "cloudpickle", "joblib", "dill", "marshal", "shelve", "jsonpickle", "torch"}
UNSAFE_CALLS = {"eval", "exec", "compile", "__import__"}


def unsafe(tree: ast.AST) -> Iterator[str]:
    """What could run code that a file holds."""
    loaders = {"SafeLoader", "CSafeLoader"}
    loaders |= {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).split(".")[-1] in loaders for base in node.bases)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] in UNSAFE)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module.split(".")[0] in UNSAFE:
                yield node.module
        elif isinstance(node, ast.Call):
            name, given = ast.unparse(node.func), {word.arg: ast.unparse(word.value) for word in node.keywords}
            if (
                name in UNSAFE_CALLS
                or name in ("os.system", "os.popen", "torch.load", "pd.read_pickle")
                or name in ("yaml.unsafe_load", "yaml.full_load", "yaml.load_all")
            ):
                yield name
            elif name == "yaml.load" and given.get("Loader", "").split(".")[-1] not in loaders:
                yield f"yaml.load with {given.get('Loader')}"
            elif name in ("np.load", "numpy.load", "np.save", "np.savez") and given.get("allow_pickle") != "False":
                yield f"{name} without allow_pickle=False"
            elif given.get("allow_pickle") == "True" or given.get("shell") == "True":
                yield f"{name} with allow_pickle or shell"
            elif (name.endswith("load_model") and given.get("safe_mode") == "False") or name.endswith(".extractall"):
                yield name


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_code_runs_nothing_that_a_file_holds(path: Path) -> None:
    assert list(unsafe(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from joblib import load",
        "import torch.nn",
        "eval(text)",
        "yaml.load(text)",
        "yaml.load(text, Loader=yaml.FullLoader)",
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "subprocess.run(text, shell=True)",
        "archive.extractall(folder)",
        "os.system(text)",
    ],
)
def test_unsafe_sees_what_it_is_for(line: str) -> None:
    assert list(unsafe(ast.parse(line)))


# Artifacts

TEXT = {".txt", ".json", ".csv", ".tsv", ".conll", ".html", ".svg", ".md", ".yaml", ".jsonl", ".lock", ""}
PICKLED = re.compile(rb"\A\x80[\x02-\x05]|\Ac[a-z_.]+\n[A-Za-z_]+\n")
ARTIFACTS = sorted(
    path
    for top in (
        "models",
        "metrics",
        "plots",
        "store",
        "data/embeddings",
        "data/scores",
        "data/predictions",
    )
    for path in (ROOT / top).rglob("*")
    if path.is_file() and ".part" not in path.as_posix()
)


def opened(path: Path) -> str:
    """The kind of a file, opened as such without pickle; it fails for one that is none of those we write."""
    content = path.read_bytes()
    assert not PICKLED.match(content), f"{path} looks like a pickle"
    if path.name.endswith(".h5"):
        with h5py.File(io.BytesIO(content)) as file:
            names: list[str] = []
            file.visititems(lambda name, item: names.append(f"{name} {getattr(item, 'dtype', '')}"))
            assert not [name for name in names if name.endswith("object")]
        return "hdf5"
    if path.suffix in (".npy", ".npz"):
        loaded = np.load(io.BytesIO(content), allow_pickle=False)
        assert all(loaded[name].dtype != object for name in loaded) if path.suffix == ".npz" else loaded.dtype != object
        return "numpy"
    if path.suffix == ".safetensors":
        assert safetensors.numpy.load(content)
        return "safetensors"
    if content.startswith(FOUR_BITS):
        assert read_four_bits(path).weights
        return "encoder in four bits"
    if path.suffix == ".onnx":
        model = onnx.load_model_from_string(content)
        assert {entry.domain for entry in model.opset_import} <= {"", "ai.onnx", "ai.onnx.ml", "com.microsoft"}
        return "onnx"
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    content.decode("utf-8")
    return "text"


def test_artifacts_that_exist_hold_no_code() -> None:
    kinds = {path: opened(path) for path in ARTIFACTS if "files/md5" not in path.as_posix()}
    assert kinds
    odd = {path for path, kind in kinds.items() if kind == "text" and path.suffix not in TEXT | {".bin"}}
    assert not odd


@pytest.mark.parametrize("content", [b"\x80\x04\x95\x0b\x00.", b"cos\nsystem\n(S'true'\ntR."])
def test_opened_refuses_a_pickle(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_bytes(content)
    with pytest.raises(AssertionError, match="looks like a pickle"):
        opened(tmp_path / "words.txt")


# Archives


@pytest.mark.parametrize("name", ["../outside.txt", "/outside.txt", "a/../../outside.txt", "..\\outside.txt"])
def test_archive_member_that_climbs_out_writes_nothing(name: str, tmp_path: Path) -> None:
    """Archives are read in memory: a member's name is no path here, wherever it points."""
    inside = tmp_path / "inside"
    inside.mkdir()
    with zipfile.ZipFile(inside / "corpus.zip", "w") as archive:
        archive.writestr(name, "Oslo B-LOC\n")
    assert list(read_lines(inside / "corpus.zip", "utf-8")) == ["Oslo B-LOC"]
    assert [path.name for path in tmp_path.rglob("*")] == ["inside", "corpus.zip"]
    assert not Path("/outside.txt").exists()


def test_archive_of_several_members_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "corpus.zip", "w") as archive:
        archive.writestr("corpus.txt", "Oslo B-LOC\n")
        archive.writestr("../other.txt", "")
    with pytest.raises(CorpusFormatError, match="an archive of one file"):
        list(read_lines(tmp_path / "corpus.zip", "utf-8"))


def test_names_of_fetched_files_cannot_leave_their_folder() -> None:
    """A file is stored under the last part of its path, so no path of params.yaml or of a manifest points elsewhere."""
    from ner.corpora.download import base_name

    assert base_name("../../etc/passwd") == "passwd"
    paths = [str(path) for path in catalogue_paths()]
    assert paths
    assert not [path for path in paths if path.startswith("/") or ".." in path.split("/")]


# Addresses


def entries(value: object, key: str) -> Iterator[str]:
    """All texts below that key, however deep it is."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name == key:
                yield from ([item] if isinstance(item, str) else item)
            else:
                yield from entries(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from entries(item, key)


def manifests() -> list[dict[str, str]]:
    rows = []
    for path in sorted((ROOT / "texts").glob("*.tsv")):
        head, *lines = path.read_text(encoding="utf-8").splitlines()
        rows += [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]
    return rows


def catalogue_paths() -> list[str]:
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    return [*entries(params, "path"), *(row["path"] for row in manifests())]


def test_addresses_of_the_catalogue_are_https() -> None:
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    published = list(entries(params, "urls"))
    texts = [row["url"] for row in manifests()]
    assert len(published) > 10
    assert len(texts) > 100
    addresses = [*published, *texts]
    assert [address for address in addresses if not address.startswith("https://")] == []
    assert [address for address in addresses if "@" in address.split("/")[2]] == []


def test_everything_that_is_fetched_has_a_checksum() -> None:
    assert all(re.fullmatch(r"[0-9a-f]{64}", row["sha256"]) for row in manifests())


# Secrets

SECRET_TEXTS = [
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    re.compile(r"\bgh[pousr]_[A-Za-z0-9]{30,}"),
    re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}"),
    re.compile(r"\bhf_[A-Za-z0-9]{30,}"),
    re.compile(r"\bxox[bp]-[A-Za-z0-9-]{20,}"),
    re.compile(r"://[^/\s:@'\"<>{}]+:[^/\s:@'\"<>{}.]+@"),
    re.compile(r"aws_secret_access_key\s*=\s*\S{20,}", re.IGNORECASE),
]


def secrets_in(text: str) -> list[str]:
    return [found[0] for pattern in SECRET_TEXTS if (found := pattern.search(text))]


def test_git_holds_no_secret() -> None:
    own = Path(__file__).name
    for name in TRACKED:
        path = ROOT / name
        if path.is_file() and path.name != own and path.stat().st_size < 5_000_000:
            assert not secrets_in(path.read_text(encoding="utf-8", errors="replace")), name


@pytest.mark.parametrize(
    "text",
    ["-----BEGIN OPENSSH PRIVATE KEY-----", "AKIA" + "A" * 16, "ghp_" + "a" * 36, "https://me:hush@host/x"],
)
def test_secrets_in_sees_what_it_is_for(text: str) -> None:
    assert secrets_in(f"x = '{text}'")


SECRETS = {"password", "secret_access_key", "access_key_id", "session_token", "token", "passphrase", "account_key"}
SECRETS |= {"sas_token", "connection_string", "client_secret", "oss_key_secret", "gdrive_client_secret"}


def test_settings_that_git_holds_have_no_secret() -> None:
    held = re.findall(r"^ *(\w+) *=", (ROOT / ".dvc/config").read_text(encoding="utf-8"), re.MULTILINE)
    assert "url" in held
    assert not set(held) & SECRETS
    assert ".dvc/config" in TRACKED
    assert ".dvc/config.local" not in TRACKED
    ignored = subprocess.run(["git", "check-ignore", "-q", ".dvc/config.local"], cwd=ROOT)
    assert ignored.returncode == 0


@pytest.mark.parametrize("setting", ["password", "secret_access_key", "token", "passphrase"])
def test_secrets_of_dvc_are_known(setting: str) -> None:
    """DVC's own list of settings has them under these names."""
    assert setting in SECRETS
    code = "from dvc.config_schema import REMOTE_SCHEMAS as s; print({str(k) for v in s.values() for k in v})"
    listed = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert f"'{setting}'" in listed
