"""An error of a storage library -> what it means and what to do: what DVC's own messages leave out."""

import errno
from collections.abc import Iterator

from ner.doctor.finding import said

LOGIN = {
    "s3": "`dvc remote modify --local {name} access_key_id ...` and `secret_access_key ...`, or `aws configure`",
    "ssh": "`dvc remote modify {name} user ...`, `dvc remote modify --local {name} keyfile ...`; try `ssh` by hand",
    "webdav": "`dvc remote modify --local {name} user ...` and `password ...`",
    "http": "`dvc remote modify {name} auth basic`, `dvc remote modify --local {name} user ...` and `password ...`",
}
OTHER_LOGIN = "see `dvc remote modify` and docs/storage.md for its settings"
# Parts of what the libraries say, in lower case. They share no class of errors and no code, so words must do.
DENIED: tuple[str, ...] = (
    "401",
    "403",
    "unauthorized",
    "forbidden",
    "permission denied",
    "access denied",
    "accessdenied",
)
DENIED += ("signature", "invalidaccesskeyid", "authentication", "unable to locate credentials", "no credentials")
DOWN: tuple[str, ...] = ("connect call failed", "connection refused", "cannot connect", "could not connect")
DOWN += ("connection lost", "all connection attempts failed", "server disconnected", "connection reset")
DOWN += ("connection closed", "eof occurred", "502", "503", "504")
UNKNOWN_NAME = ("name or service not known", "nodename nor servname", "name resolution", "getaddrinfo")
CERTIFICATE = ("certificate",)
MISSING = ("404", "409", "not found", "could not be found")
CLOCK = ("requesttimetooskewed", "skew")


def explain(scheme: str, name: str, error: BaseException) -> tuple[str, str]:
    """Cause and cure, in words.

    Args:
        scheme: of the remote's address, such as `webdavs`; empty for a folder.
        name: the remote's, for commands.
        error: what its file system raised.
    """
    text = " | ".join(str(one).lower() for one in _chain(error))
    kind = {"https": "http", "webdavs": "webdav"}.get(scheme, scheme)
    if any(part in text for part in CLOCK):
        return "refuses this machine's clock", "set the clock: `timedatectl set-ntp true`"
    if isinstance(error, TimeoutError):
        return f"does not answer: {said(error)}", "is the server up, is a VPN needed, does it wait for a password?"
    if any(part in text for part in CERTIFICATE):
        cure = f"`dvc remote modify --local {name} ssl_verify <certificate file>`, and check the clock"
        return f"has a certificate that is not trusted ({said(error)})", cure
    if any(part in text for part in UNKNOWN_NAME):
        return (
            "has a name that nobody knows",
            f"check the address: `dvc remote modify {name} url ...`; is a VPN needed?",
        )
    if any(part in text for part in DENIED) or _errno(error) in (errno.EACCES, errno.EPERM):
        if not scheme:
            return "may not be used by this user", "ask its owner for rights: `chgrp`, `chmod g+rwxs`"
        return "refuses the login", LOGIN.get(kind, OTHER_LOGIN).format(name=name)
    if "host key" in text:
        return "shows a host key that is not known", "log in once with `ssh`, which asks about the key"
    if isinstance(error, ConnectionError) or any(part in text for part in DOWN):
        return "is not reached: nothing answers there", "is the server up, are host and port right, is a VPN needed?"
    if "nosuchbucket" in text or "bucket does not exist" in text:
        return "has no such bucket", f"make it, or mend its name: `dvc remote modify {name} url s3://...`"
    if isinstance(error, FileNotFoundError) or any(part in text for part in MISSING):
        return "has no such folder, and DVC does not make it", "make it on the server; above it all must be there"
    if _errno(error) == errno.ENOSPC or "507" in text:
        return "is full", "make room there: `dvc gc --cloud` after you have read what it drops"
    if _errno(error) == errno.EROFS:
        return "is mounted read-only", "mount it for writing"
    return f"fails: {type(error).__name__}: {said(error)}", "docs/storage.md has the settings of each kind of storage"


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def _errno(error: BaseException) -> int | None:
    return error.errno if isinstance(error, OSError) else None
