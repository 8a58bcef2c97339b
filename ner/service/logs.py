"""What happened, a line each: to stderr, and to a file that starts anew before it grows too large."""

import logging
import sys
import time
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path

FILE_BYTES = 10_000_000
FILES = 5  # older ones that are kept


class _Format(logging.Formatter):
    converter = staticmethod(time.gmtime)  # UTC
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"


def open_log(file: Path | None) -> logging.Logger:
    """A log to stderr, and to `file` if one is named; its folder is made if need be.

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
    """Closes what `open_log` opened; the log writes nothing any more."""
    for handler in [*log.handlers]:
        log.removeHandler(handler)
        handler.close()


def where_raised(error: BaseException, *, message: bool) -> str:
    """The traceback of `error`; its message only if asked for, since it may quote a user's text."""
    if message:
        return "".join(traceback.format_exception(error)).rstrip()
    return "".join([*traceback.format_tb(error.__traceback__), type(error).__qualname__])
