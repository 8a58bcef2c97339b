"""What the standard library raises for a gzip file or a zip archive that can't be read to its end."""

import lzma
import zipfile
import zlib

# Each compression has an error of its own. One that is unknown is a NotImplementedError and an encrypted member a
# RuntimeError, which is also the former's base; a file that is cut off is an EOFError or an OSError. Besides, a place
# beyond the file is a ValueError, and a wrong name a UnicodeDecodeError, which is one too.
DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, OSError, EOFError)
