"""What tests with any bytes share. NER_FUZZ multiplies the number of examples."""

import io
import os
import zipfile

from hypothesis import settings

SCALE = int(os.environ.get("NER_FUZZ") or 1)


def examples(count: int) -> settings:
    return settings(max_examples=count * SCALE)


def zipped(content: bytes, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of one file, the same each time."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.writestr(zipfile.ZipInfo("corpus.txt"), content, compression)
    return file.getvalue()
