"""Standard input and output as streams of bytes; an error if whoever started the program has closed them."""

import sys
from typing import BinaryIO, TextIO

from ner.core.errors import NerError


class ClosedStream(NerError):
    """Standard input or output is closed, as by `<&-` or `>&-` in a shell."""


def standard_input() -> BinaryIO:
    """Return standard input; raise ClosedStream if there is none."""
    return _bytes_of(sys.stdin, "standard input")


def standard_output() -> BinaryIO:
    """Return standard output; raise ClosedStream if there is none."""
    return _bytes_of(sys.stdout, "standard output")


def _bytes_of(stream: TextIO | None, name: str) -> BinaryIO:
    if stream is None:
        raise ClosedStream(f"{name}: expected an open one. Received: a closed one")
    return stream.buffer
