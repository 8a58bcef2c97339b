"""Sources of files in params.yaml: path, checksum and URLs."""

import re
from pathlib import PurePosixPath
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from ner.core.params import Params

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class SourceFile(Params):
    """The source of one file. Without `urls` it is a local file or directory, and `path` starts at the project's top.

    The `sha256` of a directory is the checksum of what `find * -type f | LC_ALL=C sort | xargs sha256sum` prints in it.
    """

    path: str = Field(description="path of the file; also below the directory NER_MIRROR, if that is set")
    sha256: str
    urls: tuple[str, ...] = ()
    files: tuple[str, ...] = Field(
        default=(), description="of a published directory: the files in it; each is fetched from `<url>/<file>`"
    )
    package: str | None = Field(default=None, description="the Python package that this file is, such as some==1.0")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not _is_below(self.path):
            expected = "the path of a file or directory below the project's top"
            raise ValueError(f"path: expected {expected}. Received: {self.path!r}")
        if not _SHA256.fullmatch(self.sha256):
            raise ValueError(f"sha256: expected 64 hexadecimal digits. Received: {self.sha256!r}")
        for url in self.urls:
            if not _is_safe(url):
                raise ValueError(f"urls: expected addresses that begin with https://. Received: {url!r}")
        for file in self.files:
            if file != PurePosixPath(file).name or not _is_below(file):
                raise ValueError(f"files: expected names of files. Received: {file!r}")
        if self.files and not self.urls:
            raise ValueError("urls: expected the address of the directory, if `files` are named. Received: none")
        return self


def _is_below(path: str) -> bool:
    """Tell whether a path stays below the directory where it starts, and is not that directory itself."""
    pure = PurePosixPath(path)
    return bool(pure.parts) and not pure.is_absolute() and ".." not in pure.parts and path.isprintable()


def _is_safe(url: str) -> bool:
    """Tell whether a URL uses https, or http to this machine, as tests do."""
    try:
        address = urlsplit(url)
    except ValueError:
        return False
    return address.scheme == "https" or (address.scheme == "http" and address.hostname in _LOOPBACK)
