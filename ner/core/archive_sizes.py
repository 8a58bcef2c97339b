"""Bounds of what a zip archive may hold, which are checked before anything is unpacked."""

import zipfile
from collections.abc import Sequence

RATIO = 100  # of unpacked to packed bytes; text has about 5, and a file of one repeated byte 1,000
ANY_RATIO = 1 << 24  # bytes that an archive may hold at any ratio
IN_MEMORY = 1 << 30  # bytes that are unpacked into memory


def check_sizes(members: Sequence[zipfile.ZipInfo], packed: int, most: int | None = None) -> None:
    """Refuse members that are too large; zipfile itself unpacks no more of a member than its record says.

    Args:
        members: those that will be read.
        packed: bytes of the archive.
        most: bytes that each member may have; None if it is not held in memory.

    Raises:
        zipfile.BadZipFile: a member has too many bytes, or all together have for the size of the archive.
    """
    unpacked = sum(member.file_size for member in members)
    if unpacked > max(ANY_RATIO, RATIO * packed):
        raise zipfile.BadZipFile(f"{unpacked:,} bytes packed in {packed:,}, over {RATIO} times as many")
    largest = max((member.file_size for member in members), default=0)
    if most is not None and largest > most:
        raise zipfile.BadZipFile(f"{largest:,} bytes, over {most:,}")
