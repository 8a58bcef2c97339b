"""How a command ends: bad input in one line and status 2; Ctrl-C and closed pipes silently."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

from ner.core.errors import NerError

STOPPED, NO_READER = 130, 141  # exit statuses, as shells give them, after Ctrl-C and after a closed pipe


@contextmanager
def told() -> Iterator[None]:
    """Report bad input in one line and exit with 2; exit silently after Ctrl-C or a closed pipe."""
    try:
        yield
    except NerError as error:
        fail(str(error))
    except KeyboardInterrupt:
        sys.exit(STOPPED)
    except BrokenPipeError:
        _drop_output()
        sys.exit(NO_READER)
    except OSError as error:
        fail(f"{error.filename or 'output'}: {error.strerror}")
    except UnicodeEncodeError as error:
        fail(f"output: expected characters that {error.encoding} has; PYTHONIOENCODING=utf-8 writes all")


def fail(message: str) -> Any:
    """End with status 2 and a message, after what was written before it."""
    if sys.stdout is not None:  # it is if it was closed before the start
        try:
            sys.stdout.flush()
        except OSError:
            _drop_output()
    click.echo(f"error: {message}", err=True)
    raise SystemExit(2)


def _drop_output() -> None:
    """Send what is left of the output nowhere, so that the flush at the end of the program does not fail."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
