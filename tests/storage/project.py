"""A small DVC project with the outputs of a real one, its clones, and dvc run in them by the command line."""

import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from loopback import Remote

ROOT = Path(__file__).parents[2]
IDENTITY = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
MODEL_BYTES = 27_000_000  # as large as the largest tagger
OUTPUTS = ("data/sentences", "models/tagger")
CONFIG = """\
[core]
    analytics = false
    check_update = false
"""
PIPELINE = """\
stages:
  preprocess:
    cmd: python make.py sentences
    deps: [make.py]
    outs: [data/sentences]
  train:
    cmd: python make.py tagger
    deps: [data/sentences]
    outs: [models/tagger]
"""
MAKE = f"""\
import random, sys
from pathlib import Path

if sys.argv[1] == "sentences":
    files = {{f"data/sentences/{{name}}.conll": f"{{name}} B-LOC\\n".encode() for name in ("train", "dev", "test")}}
else:
    files = {{"models/tagger/model.weights.h5": random.Random(1).randbytes({MODEL_BYTES})}}
    files |= {{f"models/tagger/{{name}}.txt": name.encode() for name in ("words", "tags", "characters")}}
for name, content in files.items():
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    part = Path(name).with_name(f".{{Path(name).name}}.part")
    part.write_bytes(content)
    part.replace(name)
"""


@dataclass
class Done:
    """A command that has ended: its exit status and all that it printed."""

    status: int
    said: str

    def last(self, places: Mapping[str, str]) -> str:
        """What the user saw last, without what differs from one time to the next.

        Args:
            places: names for folders and ports of this run.
        """
        text = self.said
        for place in sorted(places, key=len, reverse=True):
            text = text.replace(place, places[place])
        lines = [line.strip() for line in text.replace("\r", "\n").splitlines() if line.strip()]
        lines = [line for line in lines if not re.match(r"<?https?://|Having any troubles|[AMD]\s|\d+%", line)]
        starts = [place for place, line in enumerate(lines) if re.match(r"(ERROR|error|WARNING)\b", line)]
        told = lines[starts[-1] :][:4] if starts else lines[-1:]
        if len(starts) > 1:
            told = [lines[starts[0]], *told]
        text = re.sub(r"\b[0-9a-f]{30,32}(\.dir)?\b", "<md5>", " / ".join(dict.fromkeys(told)))
        text = re.sub(r"\b([0-9a-f]{2})/(<md5>|\.[\w-]+\.tmp)", r"\2", text)
        text = re.sub(r"\.[\w-]{20,}\.tmp", ".<random>.tmp", text)
        return re.sub(r"127\.0\.0\.1:\d+|\[?'127\.0\.0\.1', \d+\)?", "<server>", text)


@dataclass
class Clone:
    """A clone of the project, and an environment in which nothing of this machine's settings is seen."""

    path: Path
    state: Path
    environment: dict[str, str] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()

    def command(self, *arguments: str) -> list[str]:
        return [*self.prefix, sys.executable, "-m", "dvc", *arguments]

    def variables(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "DVC_", "NER_", "SSH_"))}
        own = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "DVC_GLOBAL_CONFIG_DIR": str(self.state / "none"),
            "DVC_SYSTEM_CONFIG_DIR": str(self.state / "none"),
            "DVC_SITE_CACHE_DIR": str(self.state / f"site-{self.path.name}"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "no_proxy": "127.0.0.1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return {**kept, **own, **self.environment}

    def dvc(self, *arguments: str, seconds: float = 600) -> Done:
        return self.run(self.command(*arguments), seconds)

    def run(self, command: list[str], seconds: float = 600) -> Done:
        done = subprocess.run(
            command, cwd=self.path, env=self.variables(), capture_output=True, timeout=seconds, stdin=subprocess.DEVNULL
        )
        return Done(done.returncode, (done.stdout + done.stderr).decode(errors="replace"))

    def well(self, *arguments: str) -> str:
        """Runs dvc, which must end with 0; what it printed."""
        done = self.dvc(*arguments)
        assert done.status == 0, f"dvc {' '.join(arguments)}\n{done.said}"
        return done.said

    @contextmanager
    def started(self, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
        """dvc at work, in a process group of its own; killed in the end, if it is still there."""
        log = (self.state / f"{self.path.name}.log").open("wb")
        process = subprocess.Popen(
            self.command(*arguments),
            cwd=self.path,
            env=self.variables(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            log.close()
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def logged(self) -> str:
        """What the last `started` has printed so far."""
        return (self.state / f"{self.path.name}.log").read_text(encoding="utf-8", errors="replace")

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *IDENTITY, *arguments], cwd=self.path, check=True, capture_output=True, text=True)
        return done.stdout

    def use(self, remote: Remote, *, verify: bool = True, **changed: str) -> "Clone":
        """Makes it the default remote, as `dvc remote add -d team` and `dvc remote modify` do."""
        settings = {"url": remote.url, **({"verify": "true"} if verify else {}), **remote.public}
        text = CONFIG.replace("[core]", "[core]\n    remote = team") + section(settings)
        (self.path / ".dvc/config").write_text(text, encoding="utf-8")
        local = self.path / ".dvc/config.local"
        local.write_text(section({**remote.secret, **changed}), encoding="utf-8")
        local.chmod(0o600)
        return self

    def outputs(self) -> dict[str, str]:
        """Checksums of all that stands in the outputs' places, by path."""
        found = (path for output in OUTPUTS for path in sorted((self.path / output).rglob("*")) if path.is_file())
        return {path.relative_to(self.path).as_posix(): md5(path) for path in found}

    def cached(self) -> list[Path]:
        """The objects of its cache."""
        return sorted(path for path in (self.path / ".dvc/cache/files/md5").glob("??/*") if path.is_file())

    def broken(self) -> list[str]:
        """Objects of its cache under a name that is not their checksum: what may never be."""
        whole = re.compile(r"[0-9a-f]{30}(\.dir)?")
        objects = [path for path in self.cached() if whole.fullmatch(path.name)]
        return [path.name for path in objects if path.parent.name + path.name.removesuffix(".dir") != md5(path)]


def section(settings: Mapping[str, str]) -> str:
    return "['remote \"team\"']\n" + "".join(f"    {key} = {value}\n" for key, value in settings.items())


def md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def make_project(at: Path, state: Path) -> Clone:
    """The project whose clones the tests use, its pipeline run and committed."""
    project = Clone(at, state)
    (at / ".dvc").mkdir(parents=True)
    for name in (".dvc/.gitignore", ".dvcignore", ".gitattributes"):
        shutil.copyfile(ROOT / name, at / name)
    (at / ".dvc/config").write_text(CONFIG, encoding="utf-8")
    (at / ".gitignore").write_text("/data\n/models\n", encoding="utf-8")
    (at / "dvc.yaml").write_text(PIPELINE, encoding="utf-8")
    (at / "make.py").write_text(MAKE, encoding="utf-8")
    project.git("init", "-q", "-b", "main")
    project.well("repro", "-q")
    project.git("add", "-A")
    project.git("commit", "-qm", "first")
    return project


def make_clone(project: Clone, to: Path, *, with_cache: bool = False) -> Clone:
    """A fresh clone; with the objects in its cache it is the one of who ran the pipeline."""
    subprocess.run(["git", "clone", "-q", str(project.path), str(to)], check=True)
    if with_cache:
        shutil.copytree(project.path / ".dvc/cache", to / ".dvc/cache")
    return Clone(to, project.state)


def damage(objects: list[Path], how: str) -> Path:
    """Cuts short, changes in one bit or removes the largest of the objects; where it was."""
    victim = max(objects, key=lambda path: path.stat().st_size)
    content = bytearray(victim.read_bytes())
    victim.chmod(0o644)
    if how == "truncated":
        victim.write_bytes(content[: len(content) // 2])
    elif how == "flipped":
        content[random.Random(2).randrange(len(content))] ^= 1
        victim.write_bytes(content)
    else:
        victim.unlink()
    return victim


def places(clone: Clone, remote: Remote | None = None) -> dict[str, str]:
    named = {str(clone.path): "<clone>", str(clone.state): "<folder>", sys.executable: "python"}
    if remote is not None:
        named[str(remote.folder)] = "<store>"
        named[str(remote.folder.parent)] = "<server>"
    return named


def doctor(clone: Clone) -> str:
    """Give the line of `python -m ner.doctor` about the clone's one remote."""
    clone.environment["PYTHONPATH"] = str(ROOT)
    said = clone.run([*clone.prefix, sys.executable, "-m", "ner.doctor"]).said
    (line,) = (line for line in said.splitlines() if line[6:12] == "remote")
    return line


def whole(clone: Clone, project: Clone) -> None:
    """All outputs are there, with the bytes of the first run."""
    assert clone.outputs() == project.outputs()
    assert clone.broken() == []


def nothing_wrong(clone: Clone, project: Clone) -> str:
    """No object and no output is anything but right or absent; in words."""
    assert clone.broken() == []
    made = clone.outputs()
    assert made.items() <= project.outputs().items()
    return "nothing in the workspace" if not made else f"{len(made)} of {len(project.outputs())} outputs, each right"


def without_rights() -> tuple[str, ...]:
    """For root, to whom the rights of files mean nothing: a way to give that up."""
    if os.geteuid() != 0:
        return ()
    dropped = "-dac_override,-dac_read_search,-fowner"
    return ("setpriv", "--bounding-set", dropped, "--inh-caps", dropped)


@contextmanager
def closed(folder: Path) -> Iterator[None]:
    """Takes the right to write from a folder and all folders below it."""
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o555)
    try:
        yield
    finally:
        for path in folders:
            path.chmod(0o755)
