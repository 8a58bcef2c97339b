"""The exceptions that the standard library raises for a gzip file or zip archive that is damaged or unsupported."""

import lzma
import zipfile
import zlib

# Each compression method raises its own error. An unknown method raises NotImplementedError, a subclass of
# RuntimeError; an encrypted member raises RuntimeError. A truncated file raises EOFError or OSError. Not listed here is
# ValueError: an offset beyond the end of the file raises it, and so does a malformed member name (UnicodeDecodeError).
ARCHIVE_ERRORS = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, OSError, EOFError)
