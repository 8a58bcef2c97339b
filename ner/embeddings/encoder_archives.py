"""A downloaded folder or zip archive of a pretrained encoder -> the encoder's files in one directory."""

import shutil
import zipfile
import zlib
from pathlib import Path

from ner.core.archive_sizes import check_sizes
from ner.embeddings.catalogue import EncoderFileParams
from ner.embeddings.packed import EmbeddingFileError
from ner.encoders.files import CONFIG, TOKENIZER, WEIGHTS

FILES = (CONFIG, TOKENIZER, WEIGHTS)


def store_encoder(path: Path, directory: Path, params: EncoderFileParams) -> None:
    """Copy the encoder's files into the existing `directory`: three files of a folder, or the one that `member` names.

    Raises:
        EmbeddingFileError: the archive is damaged or lacks `member`.
    """
    if path.is_dir():
        for name in FILES:
            if (path / name).exists():  # `read_encoder` says which file is missing
                shutil.copyfile(path / name, directory / name)
        return
    try:
        with zipfile.ZipFile(path) as archive:
            member = params.member or ""
            inside = archive.namelist()
            names = [member] if member in inside else [f"{member}/{name}".lstrip("/") for name in FILES]
            found = [name for name in names if name in inside]
            if not found:
                expected = f"a member {member}, or a folder of that name with {', '.join(FILES)}"
                raise EmbeddingFileError(path, 0, f"expected {expected}. Received: {', '.join(inside[:10])}")
            check_sizes([archive.getinfo(name) for name in found], path.stat().st_size)
            for name in found:
                with archive.open(name) as source, (directory / Path(name).name).open("wb") as target:
                    shutil.copyfileobj(source, target)
    except (zipfile.BadZipFile, zlib.error, RuntimeError) as error:  # the last of an encrypted member
        raise EmbeddingFileError(path, 0, f"expected a folder or a zip archive. Received: {error}") from None
