"""Storage servers on this machine alone: an empty folder -> an address that DVC can push to, and what it needs.

OpenSSH, nginx (HTTP and WebDAV over TLS) and `rclone serve s3`, each bound to 127.0.0.1. A `Proxy` stands before a
server where a test wants the line to go dead in the middle of a file.
"""

import getpass
import os
import select
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

USER, PASSWORD = "team", "correct-horse"
PROGRAMS = {
    "local": None,
    "ssh": shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin"),
    "webdavs": shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin"),
    "http": shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin"),
    "s3": shutil.which("rclone", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"),
}
KINDS = tuple(PROGRAMS)
DAV_MODULE = Path("/usr/lib/nginx/modules/ngx_http_dav_ext_module.so")


@dataclass
class Remote:
    """Where DVC finds a server, and where a test finds what DVC put there.

    Attributes:
        kind: one of `KINDS`.
        url: for `dvc remote add`.
        folder: where the server keeps its objects.
        port: of the server; none of a folder.
        public: other settings of .dvc/config.
        secret: settings of .dvc/config.local.
    """

    kind: str
    url: str
    folder: Path
    port: int = 0
    public: dict[str, str] = field(default_factory=dict)
    secret: dict[str, str] = field(default_factory=dict)

    def through(self, port: int) -> "Remote":
        """The same, by way of another port."""
        changed = {key: value.replace(f":{self.port}", f":{port}") for key, value in self.public.items()}
        if "port" in changed:
            changed["port"] = str(port)
        url = self.url.replace(f":{self.port}/", f":{port}/")
        return Remote(self.kind, url, self.folder, port, changed, self.secret)

    def objects(self) -> list[Path]:
        """What DVC has put there."""
        return sorted(path for path in self.folder.rglob("files/md5/*/*") if path.is_file())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve(kind: str, at: Path) -> Iterator[Remote]:
    """Starts the server of that kind; its configuration, logs and objects are below `at`, which is made."""
    folder = at / "store"
    folder.mkdir(parents=True)
    if kind == "local":
        yield Remote(kind, str(folder), folder)
        return
    port = free_port()
    command, remote = {"ssh": _sshd, "webdavs": _nginx_webdav, "http": _nginx_http, "s3": _rclone}[kind](at, port)
    with (at / "log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=at)
    try:
        wait_for(lambda: _listens(port) or process.poll() is not None, f"{command[0]} to listen")
        if process.poll() is not None:
            raise RuntimeError(f"{' '.join(command)}: ended at once. {(at / 'log').read_text(errors='replace')}")
        yield remote
    finally:
        process.terminate()
        process.wait(120)


def wait_for(condition: Callable[[], object], what: str, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(0.01)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _sshd(at: Path, port: int) -> tuple[list[str], Remote]:
    """As the user who runs the tests, by key; as root, sshd wants an empty folder of the system's."""
    for name in ("host_key", "user_key", "other_key"):
        _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(at / name))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    config = at / "sshd_config"
    config.write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {at}/host_key\nPidFile none\n"
        f"AuthorizedKeysFile {at}/user_key.pub\n"
        "StrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n"
        "Subsystem sftp internal-sftp\n",
        encoding="utf-8",
    )
    url = f"ssh://127.0.0.1:{port}{at}/store"
    public = {"user": getpass.getuser()}
    remote = Remote("ssh", url, at / "store", port, public, {"keyfile": str(at / "user_key")})
    return [str(PROGRAMS["ssh"]), "-D", "-e", "-f", str(config)], remote


def _nginx(at: Path, server: str, dav: str) -> list[str]:
    (at / "passwords").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n", encoding="utf-8")
    modules = f"load_module {DAV_MODULE};\n" if DAV_MODULE.exists() else ""
    user = "user root;\n" if os.geteuid() == 0 else ""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "".join(f"  {kind}_temp_path {at}/nginx-{kind};\n" for kind in kinds)
    config = f"""{modules}{user}daemon off;
worker_processes 1;
pid {at}/nginx.pid;
error_log {at}/error.log;
events {{}}
http {{
  access_log off;
{folders}  client_max_body_size 0;
  server {{
{server}
    auth_basic team;
    auth_basic_user_file {at}/passwords;
    root {at}/store;
    dav_access user:rw group:r;
{dav}
  }}
}}
"""
    (at / "nginx.conf").write_text(config, encoding="utf-8")
    return [str(PROGRAMS["http"]), "-p", str(at), "-c", str(at / "nginx.conf"), "-e", str(at / "error.log")]


def _nginx_http(at: Path, port: int) -> tuple[list[str], Remote]:
    command = _nginx(
        at, f"    listen 127.0.0.1:{port};", "    location / { dav_methods PUT DELETE; create_full_put_path on; }"
    )
    public = {"auth": "basic", "method": "PUT"}
    secret = {"user": USER, "password": PASSWORD}
    return command, Remote("http", f"http://127.0.0.1:{port}/", at / "store", port, public, secret)


def _nginx_webdav(at: Path, port: int) -> tuple[list[str], Remote]:
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    names = ["-keyout", f"{at}/key.pem", "-out", f"{at}/certificate.pem"]
    _run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject, *names)
    (at / "store/ner").mkdir()
    methods = "dav_methods PUT DELETE MKCOL COPY MOVE; dav_ext_methods PROPFIND OPTIONS; create_full_put_path on;"
    listen = f"""    listen 127.0.0.1:{port} ssl;
    ssl_certificate {at}/certificate.pem;
    ssl_certificate_key {at}/key.pem;"""
    command = _nginx(at, listen, f"    location / {{ {methods} }}")
    secret = {"user": USER, "password": PASSWORD, "ssl_verify": f"{at}/certificate.pem"}
    return command, Remote("webdavs", f"webdavs://127.0.0.1:{port}/ner", at / "store/ner", port, {}, secret)


def _rclone(at: Path, port: int) -> tuple[list[str], Remote]:
    (at / "store/team").mkdir()
    command = [
        str(PROGRAMS["s3"]),
        "serve",
        "s3",
        "--config",
        str(at / "rclone.conf"),
        "--auth-key",
        f"{USER},{PASSWORD}",
    ]
    command += ["--addr", f"127.0.0.1:{port}", "--dir-cache-time", "10ms", "--vfs-cache-mode", "off", str(at / "store")]
    secret = {"access_key_id": USER, "secret_access_key": PASSWORD}
    public = {"endpointurl": f"http://127.0.0.1:{port}"}
    return command, Remote("s3", "s3://team/ner", at / "store/team/ner", port, public, secret)


class Proxy:
    """Passes bytes on to a port; behind a number of them it holds them back, until told to go on or to hang up."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        self.limit: int | None = None
        self.passed = 0
        self.reached = threading.Event()
        self.sockets: list[socket.socket] = []
        self.down = False
        threading.Thread(target=self._accept, daemon=True).start()

    def hold_behind(self, size: int) -> None:
        """Pass so many bytes from now on, and no more."""
        self.passed, self.limit = 0, size
        self.reached.clear()

    def hang_up(self) -> None:
        """Break all connections and take no further ones: the server is down."""
        self.down = True
        self.listener.shutdown(socket.SHUT_RDWR)  # ends the waiting for further ones
        self.listener.close()
        for one in self.sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def restore(self) -> None:
        """The server is back."""
        self.limit = None
        if self.down:
            self.down = False
            self.listener = socket.create_server(("127.0.0.1", self.port))
            threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        if not self.down:
            self.hang_up()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            self.sockets += [client, server]
            threading.Thread(target=self._pass, args=(client, server), daemon=True).start()

    def _pass(self, client: socket.socket, server: socket.socket) -> None:
        with client, server:
            other = {client: server, server: client}
            while not self.down:
                if self.limit is not None and self.passed >= self.limit:
                    self.reached.set()
                    time.sleep(0.01)
                    continue
                try:
                    for one in select.select([client, server], [], [], 0.05)[0]:
                        content = one.recv(2**16)
                        if not content:
                            return
                        other[one].sendall(content)
                        self.passed += len(content)
                except (OSError, ValueError):
                    return
