"""The IDX format of MNIST and Fashion-MNIST: a magic number, the sizes as big-endian 32-bit numbers, then the bytes.

Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database", file formats section.
"""

import gzip
import hashlib
import math
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from course_utils.data.errors import DataError

UNSIGNED_BYTE = 0x08


def read_idx(path: Path, sha256: str | None = None) -> NDArray[np.uint8]:
    """The array of unsigned bytes in a gzipped IDX file; with `sha256`, of the unpacked file, checked before use.

    Raises DataError when the file is missing, not gzip, not IDX, of another length than it says, or of another hash.
    """
    try:
        content = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as damage:
        raise DataError(f"{path}: cannot be read as a gzip file ({damage})") from damage
    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise DataError(f"{path}: its contents are not the published ones (the SHA-256 of the unpacked file differs)")
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != UNSIGNED_BYTE:
        raise DataError(
            f"{path}: not an IDX file of unsigned bytes (it starts with {content[:4].hex(' ') or 'nothing'})"
        )
    dimensions = content[3]
    start = 4 + 4 * dimensions
    shape = tuple(int(size) for size in np.frombuffer(content[4:start], ">u4"))
    if len(shape) != dimensions or len(content) - start != math.prod(shape):
        raise DataError(f"{path}: says it holds {shape}, but {max(len(content) - start, 0)} bytes follow")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
