"""The Dockerfile, its steps done one by one in a root of their own, and what it starts.

No container engine is needed: a stage is a directory, in which RUN and ENTRYPOINT see the system's own /usr read-only,
the interpreter as /usr/local, and what COPY and RUN have put there, in namespaces of their own as a container has them.
That takes root. What cannot be shown so: that the base image has what the system has.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib.metadata import distributions
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).parents[1]
BASE = "python:3.12-slim-bookworm"
BASE_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin", "LANG": "C.UTF-8"}
SHELL = ("/bin/sh", "-c")
PORT = 8080
LARGEST = 400_000_000  # bytes of what the image adds to its base

Words = tuple[str, ...]


@dataclass(frozen=True)
class Instruction:
    """`flags` are those that stand before the rest, such as --from=build."""

    keyword: str
    flags: Mapping[str, str]
    rest: str

    def words(self) -> Words:
        """As a program gets them: of a list in JSON, or by the shell."""
        return tuple(json.loads(self.rest)) if self.rest.startswith("[") else (*SHELL, self.rest)


def instructions(text: str) -> Iterator[Instruction]:
    """Of a Dockerfile without heredocs and parser directives."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        keyword, _, rest = line.strip().partition(" ")
        flags = {}
        while match := re.match(r"\s*--([a-z-]+)=(\S+)\s+", rest):
            flags[match[1]], rest = match[2], rest[match.end() :]
        yield Instruction(keyword.upper(), flags, rest.strip())


DOCKERFILE = list(instructions((PROJECT / "Dockerfile").read_text()))
LAST_STAGE = DOCKERFILE[max(number for number, one in enumerate(DOCKERFILE) if one.keyword == "FROM") :]


def only(keyword: str) -> Instruction:
    """The one instruction of the last stage that has this keyword."""
    (found,) = [one for one in LAST_STAGE if one.keyword == keyword]
    return found


def is_sent(path: PurePosixPath, ignored: Sequence[str]) -> bool:
    """Whether the builder is sent a file of the folder; of the lines of .dockerignore, the last that fits decides."""
    sent = True
    for pattern in ignored:
        wanted = PurePosixPath(pattern.removeprefix("!")).parts
        if wanted[0] == "**":
            fits = any(fnmatchcase(part, wanted[1]) for part in path.parts)
        else:
            fits = len(wanted) <= len(path.parts) and all(map(fnmatchcase, path.parts, wanted))
        sent = pattern.startswith("!") if fits else sent
    return sent


def ignored_by_builder() -> list[str]:
    lines = (PROJECT / ".dockerignore").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def expand(text: str, variables: Mapping[str, str]) -> str:
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda match: variables[match[1] or match[2]], text)


@dataclass
class Stage:
    """A root that grows, and how programs are started in it."""

    root: Path
    environment: dict[str, str] = field(default_factory=lambda: dict(BASE_ENVIRONMENT))
    arguments: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    user: str = "0:0"

    def copy(self, sources: Sequence[Path], target: str) -> None:
        """As COPY does: of a directory what is in it, and a file into what ends in a slash."""
        place = self.root / target.lstrip("/")
        for source in sources:
            if source.is_dir():
                shutil.copytree(source, place, symlinks=True, dirs_exist_ok=True)
            else:
                goal = place / source.name if target.endswith("/") else place
                goal.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, goal)

    def command(self, words: Sequence[str], environment: Mapping[str, str], *, sealed: bool) -> list[str]:
        """The program in namespaces of its own; `sealed` as compose.yaml has it: no network but the loopback, nothing
        to write but /tmp, no capabilities."""
        namespaces = ["--mount", "--pid", "--fork", "--kill-child", *(["--net", "--ipc", "--uts"] if sealed else [])]
        setup = _mounts(self.root, sealed=sealed)
        if sealed:
            setup += f"; {shlex.quote(sys.executable)} -c {shlex.quote(LOOPBACK_UP)}"
        inner = _inside(words, self.workdir, {**self.environment, **environment}, self.user if sealed else "0:0")
        script = f"{setup}; exec chroot {shlex.quote(str(self.root))} {shlex.join(inner)}"
        return ["unshare", *namespaces, *SHELL, f"set -e; {script}"]


LOOPBACK_UP = (  # SIOCSIFFLAGS, IFF_UP
    "import fcntl, socket, struct; fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sH22x', b'lo', 1))"
)


def _inside(words: Sequence[str], workdir: str, environment: Mapping[str, str], user: str) -> list[str]:
    uid, gid = user.split(":")
    variables = [f"{name}={value}" for name, value in environment.items()]
    drop = ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"] if uid != "0" else []
    identity = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", *drop]
    return [*identity, "env", "-i", f"--chdir={workdir}", *variables, *words]


def _mounts(root: Path, *, sealed: bool) -> str:
    """Shell commands that make `root` the root of something like the base image."""
    python = interpreter()
    bound = [path for path in map(Path, ("/usr", "/etc", "/bin", "/sbin", "/lib", "/lib64", "/opt")) if path.exists()]
    steps = [f"mount --bind {shlex.quote(str(root))} {shlex.quote(str(root))}"]
    for source, target in [*((path, path) for path in bound), (python, Path("/usr/local")), (python, python)]:
        place = root / target.relative_to("/")
        if source.is_symlink():  # /bin -> usr/bin
            if not place.is_symlink():
                place.symlink_to(source.readlink())
        else:
            if target != Path("/usr/local"):
                place.mkdir(parents=True, exist_ok=True)
            steps.append(f"mount --bind -o ro {shlex.quote(str(source))} {shlex.quote(str(place))}")
    for name in ("proc", "dev", "tmp"):
        (root / name).mkdir(exist_ok=True)
    steps.append(f"mount -t proc proc {shlex.quote(str(root / 'proc'))}")
    steps.append(f"mount --rbind /dev {shlex.quote(str(root / 'dev'))}")
    if sealed:
        steps.append(f"mount -t tmpfs -o size=16m,mode=1777,noexec tmpfs {shlex.quote(str(root / 'tmp'))}")
        steps.append(f"mount -o remount,bind,ro {shlex.quote(str(root))}")
    return "; ".join(steps)


def interpreter() -> Path:
    """The prefix of a Python of the base image's version beside the one that runs this, or else that one's."""
    here = Path(sys.base_prefix)
    version = re.escape(BASE.partition(":")[2].partition("-")[0])
    others = (path for path in here.parent.iterdir() if re.match(rf"{version}(\.|$)", path.name))
    found = next((path for path in others if (path / "bin/python").exists()), here)
    if not (found / "bin/python").exists():
        pytest.skip(f"expected bin/python in {found}")
    return found


def build(folder: Path, context: Path) -> Stage:
    """The last stage of the Dockerfile, made of the files of `context` that .dockerignore lets through."""
    sent = folder / "context"
    ignored = ignored_by_builder()
    for path in context.rglob("*"):
        relative = path.relative_to(context)
        if path.is_file() and is_sent(PurePosixPath(relative), ignored):
            (sent / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, sent / relative)
    stages: dict[str, Stage] = {}
    for one in DOCKERFILE:
        if one.keyword == "FROM":
            base, *name = one.rest.split(" AS ")
            assert base == BASE
            stage = Stage(folder / f"stage{len(stages)}")
            stage.root.mkdir(mode=0o755)
            stages[name[0] if name else ""] = stage
        elif one.keyword == "ARG":
            name_of_argument, _, value = one.rest.partition("=")
            stage.arguments[name_of_argument] = value
        elif one.keyword == "ENV":
            given = (word.partition("=") for word in shlex.split(one.rest))
            stage.environment |= {name: expand(value, stage.environment) for name, _, value in given}
        elif one.keyword == "COPY":
            *sources, target = shlex.split(expand(one.rest, stage.arguments))
            origin = stages[one.flags["from"]].root if "from" in one.flags else sent
            stage.copy([origin / source.lstrip("/") for source in sources], target)
        elif one.keyword == "RUN":
            _run(stage, one.words())
        elif one.keyword == "WORKDIR":
            stage.workdir = one.rest
        elif one.keyword == "USER":
            stage.user = one.rest
        else:
            assert one.keyword in {"EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"}, one.keyword
    return stage


def _run(stage: Stage, words: Words) -> None:
    """A step of the build, with the settings of pip that this machine has."""
    settings = Path.home() / ".config/pip"
    if settings.is_dir():
        shutil.copytree(settings, stage.root / "root/.config/pip", dirs_exist_ok=True)
    pip = {name: value for name, value in os.environ.items() if re.match(r"PIP_|SSL_|\w+_proxy$", name, re.I)}
    done = subprocess.run(
        stage.command(words, {"HOME": "/root", **pip}, sealed=False), capture_output=True, text=True, timeout=1200
    )
    assert done.returncode == 0, done.stdout + done.stderr


@dataclass
class Container:
    """What ENTRYPOINT has started, as process 1 of its namespaces."""

    stage: Stage
    outside: "subprocess.Popen[str]"

    @property
    def pid(self) -> int:
        """Of process 1, as it is seen from outside."""
        outside = self.outside.pid
        children = Path(f"/proc/{outside}/task/{outside}/children").read_text().split()
        assert len(children) == 1, self.outside.stderr.read() if self.outside.poll() is not None else children
        return int(children[0])

    def execute(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """A further program in there, as `docker exec` starts it."""
        inner = _inside(words, self.stage.workdir, self.stage.environment, self.stage.user)
        enter = ["nsenter", f"--target={self.pid}", "--mount", "--pid", "--net", "--ipc", "--uts", "--root", "--wd=/"]
        return subprocess.run([*enter, *inner], capture_output=True, text=True, timeout=120)

    def ask(self, route: str, body: Mapping[str, Any] | None = None) -> Any:
        """The JSON that the service answers to a program in there."""
        program = (
            "import sys, urllib.request as r; body = sys.argv[2].encode() or None;"
            "headers = {'Content-Type': 'application/json'};"
            "print(r.urlopen(r.Request(sys.argv[1], body, headers), timeout=60).read().decode())"
        )
        sent = "" if body is None else json.dumps(body)
        done = self.execute("python", "-c", program, f"http://127.0.0.1:{PORT}{route}", sent)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def is_healthy(self) -> bool:
        """What HEALTHCHECK's own command says."""
        check = only("HEALTHCHECK").rest.partition("CMD ")[2]
        return self.execute(*json.loads(check)).returncode == 0


@pytest.fixture(scope="module")
def image(tagger_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    if os.geteuid() != 0 or not shutil.which("unshare"):
        pytest.skip("namespaces need root and util-linux")
    folder = tmp_path_factory.mktemp("container")
    context = folder / "project"
    listed = subprocess.run(["git", "ls-files", "ner", "requirements"], cwd=PROJECT, capture_output=True, check=True)
    for name in listed.stdout.decode().split():
        if (PROJECT / name).exists():
            (context / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, context / name)
    shutil.copytree(tagger_directory, context / "released/demo-news")
    for unwanted in ("data/raw/corpus.conll", ".git/config", "ner/__pycache__/stale.pyc"):
        (context / unwanted).parent.mkdir(parents=True, exist_ok=True)
        (context / unwanted).touch()
    return build(folder, context)


@pytest.fixture(scope="module")
def container(image: Stage) -> Iterator[Container]:
    words = (*only("ENTRYPOINT").words(), "--model", "demo-news")
    program = image.command(words, {}, sealed=True)
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as outside:
        try:
            assert outside.stdout is not None
            line = outside.stdout.readline()  # printed when it is ready
            assert f":{PORT}" in line, outside.communicate(timeout=120)
            yield Container(image, outside)
        finally:
            outside.kill()


def test_instructions_are_parsed() -> None:
    text = '# a comment\nFROM x AS y\nCOPY --from=y /a /b\nRUN one \\\n    && two\nCMD ["a b", "c"]\n'
    found = list(instructions(text))
    assert [one.keyword for one in found] == ["FROM", "COPY", "RUN", "CMD"]
    assert (found[1].flags, found[1].rest) == ({"from": "y"}, "/a /b")
    assert found[2].words() == ("/bin/sh", "-c", "one      && two")
    assert found[3].words() == ("a b", "c")


def test_every_stage_starts_from_the_pinned_base() -> None:
    bases = [one.rest.partition(" ")[0] for one in DOCKERFILE if one.keyword == "FROM"]
    assert set(bases) == {BASE}


def test_image_is_not_run_as_root() -> None:
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", only("USER").rest)


def test_packages_are_those_of_the_lock() -> None:
    (install,) = [one.rest for one in DOCKERFILE if "pip" in one.rest and one.keyword == "RUN"]
    assert "--require-hashes -r /build/serve.txt" in install


def test_builder_is_sent_only_what_is_copied() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, check=True).stdout.decode()
    ignored = ignored_by_builder()
    sent = {name for name in listed.split() if is_sent(PurePosixPath(name), ignored)}
    assert sent == {name for name in listed.split() if name.startswith("ner/") or name == "requirements/serve.txt"}
    assert is_sent(PurePosixPath("released/conll2003-crf-distilled/tags.txt"), ignored)
    assert not is_sent(PurePosixPath("ner/service/__pycache__/app.cpython-312.pyc"), ignored)


def test_compose_gives_away_no_more_than_is_needed() -> None:
    (service,) = yaml.safe_load((PROJECT / "compose.yaml").read_text())["services"].values()
    assert service["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "network_mode", "pid", "volumes", "cap_add"} & service.keys()


@pytest.mark.slow
def test_image_has_the_lock_and_no_more(image: Stage) -> None:
    lock = (PROJECT / "requirements/serve.txt").read_text()
    expected = {line.partition("==")[0] for line in lock.splitlines() if re.match(r"\w", line)} - {"colorama"}
    (packages,) = (image.root / "venv/lib").glob("python3*/site-packages")
    assert {one.metadata["Name"].lower().replace("_", "-") for one in distributions(path=[str(packages)])} == expected
    assert not any((packages / name).exists() for name in ("tensorflow", "keras", "dvc", "spacy", "pip"))
    assert not (image.root / "build").exists()


@pytest.mark.slow
def test_image_has_of_the_project_only_code_and_taggers(image: Stage) -> None:
    code = {str(path.relative_to(image.root / "app")) for path in (image.root / "app").rglob("*.*") if path.is_file()}
    assert {name.partition("/")[0] for name in code} == {"ner"}
    assert not any("stale" in name for name in code)
    assert [path.name for path in (image.root / "taggers").iterdir()] == ["demo-news"]


@pytest.mark.slow
def test_image_is_small(image: Stage) -> None:
    added = [image.root / name for name in ("venv", "app", "taggers")]
    size = sum(path.lstat().st_size for folder in added for path in folder.rglob("*") if path.is_file())
    assert size < LARGEST


@pytest.mark.slow
def test_container_tags(container: Container) -> None:
    assert container.ask("/health")["status"] == "ok"
    assert container.is_healthy()
    answer = container.ask("/predict", {"sentence": ["Ada", "Byron", "lives", "in", "Oslo", "."]})
    assert answer["model"] == "demo-news"
    assert len(answer["tags"]) == 6


@pytest.mark.slow
def test_container_can_write_nothing_but_tmp(container: Container) -> None:
    program = "import os, sys; open(sys.argv[1] + '/written', 'w').close(); print(os.getuid())"
    written = container.execute("python", "-c", program, "/tmp")
    assert written.stdout.split() == [only("USER").rest.partition(":")[0]], written.stderr
    for folder in ("/", "/app", "/app/ner", "/venv", "/taggers", "/etc"):
        refused = container.execute("python", "-c", program, folder)
        assert re.search("Read-only file system|Permission denied", refused.stderr), folder
    capabilities = re.findall(r"^Cap\w+:\s+(\w+)$", Path(f"/proc/{container.pid}/status").read_text(), re.MULTILINE)
    assert {int(mask, 16) for mask in capabilities} == {0}


@pytest.mark.slow
def test_container_takes_far_less_memory_than_compose_allows(container: Container) -> None:
    (service,) = yaml.safe_load((PROJECT / "compose.yaml").read_text())["services"].values()
    limit = int(service["mem_limit"].removesuffix("m")) * 1024
    (peak,) = re.findall(r"^VmHWM:\s+(\d+) kB$", Path(f"/proc/{container.pid}/status").read_text(), re.MULTILINE)
    assert int(peak) < limit / 2


@pytest.mark.slow
def test_sigterm_ends_process_one_with_0(container: Container) -> None:
    os.kill(container.pid, signal.SIGTERM)
    assert container.outside.wait(120) == 0
    assert container.outside.stderr is not None
    said = container.outside.stderr.read().splitlines()
    assert all(" INFO id=" in line for line in said), said  # nothing but a line a request
