"""The log of the service: a line a request, to stderr and to a rotated file."""

import logging
import sys
import time
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path

FILE_BYTES = 10_000_000
FILES = 5  # older files that are kept


class _Format(logging.Formatter):
    converter = staticmethod(time.gmtime)  # UTC
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"


def open_log(file: Path | None) -> logging.Logger:
    """Open a log to stderr, and to `file` if it is given; make the file's folder if there is none.

    Raises:
        OSError: `file` can't be written.
    """
    log = logging.Logger("ner.service", logging.INFO)
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(RotatingFileHandler(file, maxBytes=FILE_BYTES, backupCount=FILES, encoding="utf-8"))
    for handler in handlers:
        handler.setFormatter(_Format("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(handler)
    return log


def close_log(log: logging.Logger) -> None:
    """Close the handlers that `open_log` opened."""
    for handler in [*log.handlers]:
        log.removeHandler(handler)
        handler.close()


def where_raised(error: BaseException, *, message: bool) -> str:
    """Format the traceback of `error`; with its message only if `message`, since that may quote a user's text."""
    if message:
        return "".join(traceback.format_exception(error)).rstrip()
    return "".join([*traceback.format_tb(error.__traceback__), type(error).__qualname__])
