"""Files from the network: fetched once through pooch, checked before anyone reads them, continued if broken off."""

import contextlib
import logging
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from course_utils.data.cache import cache_folder
from course_utils.data.claims import claim
from course_utils.data.errors import DownloadError

log = logging.getLogger(__name__)
CHUNK = 1 << 16
# Seconds to wait for a connection, and for the next bytes once connected.
PATIENCE = (15, 60)


@dataclass(frozen=True)
class RemoteFile:
    """A published file: where it is, what it is called here, and its checksum as pooch writes it ("md5:...")."""

    url: str
    file_name: str
    checksum: str

    def address(self) -> str:
        """The URL to use: COURSE_MIRROR, if set, is the address of a folder that holds copies of all files."""
        mirror = os.environ.get("COURSE_MIRROR")
        return f"{mirror.rstrip('/')}/{self.file_name}" if mirror else self.url


def fetch(remote: RemoteFile) -> Path:
    """The path of a file in the cache folder whose checksum is right, downloading what is missing of it.

    A good file is not fetched again. An unfinished download stays beside the final place under another name and the
    next call goes on from where it stopped. Raises DownloadError, saying what to do, when the file cannot be had.
    """
    import pooch  # here, so that those who stay with the shipped data do not wait for it
    import requests

    url, path = remote.address(), cache_folder() / "downloads" / remote.file_name
    if path.exists() and not pooch.hashes.hash_matches(path, remote.checksum):
        log.warning("%s is not the published file (its checksum differs); fetching it again", path)
    try:
        pooch.retrieve(url, remote.checksum, path.name, path.parent, downloader=_continue_download)
    except requests.RequestException as failure:
        raise DownloadError(f"could not download {url} ({_reason(failure)}). {_what_to_do(path)}") from failure
    except ValueError as mismatch:
        raise DownloadError(
            f"what arrived from {url} is not the published file (its checksum is not {remote.checksum}), so it was "
            f"thrown away unread. Run this again; if it happens twice, the server has another file. {_what_to_do(path)}"
        ) from mismatch
    except OSError as refusal:
        raise DownloadError(
            f"could not write {path} ({refusal.strerror or refusal}). Set COURSE_CACHE to a folder you can write to, "
            'or use the shipped data: load_dataset("garments").'
        ) from refusal
    return path


def _continue_download(url: str, output_file: str, pooch: object, check_only: bool = False) -> None:
    """A downloader for pooch that picks up an earlier attempt; `output_file` is pooch's temporary file.

    Only one download at a time goes on with the unfinished file; others that run meanwhile begin afresh beside it.
    """
    part = Path(output_file).parent / f"{url.rsplit('/', 1)[-1]}.part"
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)  # made and opened in one step: another may remove it
    with os.fdopen(os.open(part, flags, 0o644), "r+b") as file, Path(output_file).open("wb") as output:
        if not claim(file):
            _receive(url, output, 0)
            return
        have = file.seek(0, os.SEEK_END)
        if not _receive(url, file, have):
            file.truncate(0)  # as long as the server's file or longer, yet not taken: of no use
            _receive(url, file, 0)
        file.seek(0)
        shutil.copyfileobj(file, output, 1 << 20)
        file.truncate(0)  # whoever opened it meanwhile finds nothing to go on from
    with contextlib.suppress(PermissionError):  # Windows removes no file that another process has open
        part.unlink(missing_ok=True)


def _receive(url: str, file: IO[bytes], have: int) -> bool:
    """Write the part of `url` from byte `have` on into `file`; False if the server has no such part."""
    import requests

    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with requests.get(url, headers=headers, stream=True, timeout=PATIENCE) as response:
        if have and response.status_code == requests.codes.requested_range_not_satisfiable:
            return False
        response.raise_for_status()
        begin = have if response.status_code == requests.codes.partial_content else 0
        file.seek(begin)
        _copy(response, file, begin, url.rsplit("/", 1)[-1])
        file.truncate()
    return True


def _copy(response: Any, file: IO[bytes], begin: int, label: str) -> None:
    from tqdm import tqdm

    length = response.headers.get("Content-Length")
    total = begin + int(length) if length else None
    with tqdm(total=total, initial=begin, desc=label, unit="B", unit_scale=True, delay=0.5) as bar:
        for chunk in response.iter_content(CHUNK):
            file.write(chunk)
            file.flush()
            bar.update(len(chunk))


def _reason(failure: Exception) -> str:
    """One line, without the nested object names of requests and urllib3."""
    import requests

    if isinstance(failure, requests.HTTPError) and failure.response is not None:
        return f"the server answered {failure.response.status_code} {failure.response.reason}"
    if isinstance(failure, requests.exceptions.ChunkedEncodingError):
        return "the connection broke off; run this again to go on from there"
    if isinstance(failure, requests.Timeout):
        return "no answer in time"
    if isinstance(failure, requests.ConnectionError):
        return "no connection to the server"
    return type(failure).__name__


def _what_to_do(path: Path) -> str:
    return (
        f"Connect to the network and run this again, or put the file at {path}, "
        'or use the shipped data: load_dataset("garments").'
    )
