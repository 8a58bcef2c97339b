"""Where a file of a corpus comes from, and what it must hold."""

import re
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from ner.core.params import Params

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class SourceFile(Params):
    """One published file. Without `urls` it is a local file or directory, and `path` starts at the project's top.

    The `sha256` of a directory is that of `find * -type f | LC_ALL=C sort | xargs sha256sum` in it.
    """

    path: str = Field(description="below the mirror, if NER_MIRROR names one")
    sha256: str
    urls: tuple[str, ...] = ()
    package: str | None = Field(default=None, description="the Python package that this file is, such as some==1.0")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not _SHA256.fullmatch(self.sha256):
            raise ValueError(f"sha256: expected 64 hexadecimal digits. Received: {self.sha256!r}")
        for url in self.urls:
            if not _is_safe(url):
                raise ValueError(f"urls: expected addresses that begin with https://. Received: {url!r}")
        return self


def _is_safe(url: str) -> bool:
    """Whether the address is encrypted, or of this machine, as in tests."""
    try:
        address = urlsplit(url)
    except ValueError:
        return False
    return address.scheme == "https" or (address.scheme == "http" and address.hostname in _LOOPBACK)
