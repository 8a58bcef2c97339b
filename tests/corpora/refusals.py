"""The error message of a reader that refuses a file."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ner.corpora.lines import CorpusFormatError


def refusal(path: Path, line: int, read: Callable[[], object]) -> str:
    """Return the message; check that it is one short line that names the place, what was expected and what came."""
    with pytest.raises(CorpusFormatError) as caught:
        read()
    message = str(caught.value)
    assert re.match(rf"^{re.escape(f'{path}:{line}: expected ')}.*Received: .*$", message), message
    assert len(message.splitlines()) == 1
    assert len(message) < len(str(path)) + 300
    return message
