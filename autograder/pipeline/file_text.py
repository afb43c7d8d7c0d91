"""The text of a file that a student handed in: an ordinary file of bounded size, whatever its encoding."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path

from autograder.pipeline.outcomes import Finding, Outcome, UnusableSubmissionError

MAX_BYTES = 50_000_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]+")  # a notebook has these as escapes, if at all
_CONTROL_BYTES = bytes({*range(0x20)} - {*b"\t\n\r"})  # the same in UTF-8
# What errors="surrogateescape" makes of a byte that is not UTF-8 → what Windows means by it.
_WINDOWS = {0xDC00 + byte: bytes([byte]).decode("cp1252", errors="replace") for byte in range(128, 256)}
_OTHER_KINDS = (
    (b"PK\x03\x04", "an archive"),
    (b"%PDF", "a PDF"),
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
    (b"\x1f\x8b", "a compressed file"),
    (b"\x89png", "a picture"),
)


def file_content(path: Path) -> bytes:
    """The bytes of an ordinary file. Raises UnusableSubmissionError; a large file is refused unread."""
    try:
        # Opening a named pipe would wait for somebody to write into it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as file:  # noqa: PTH123
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode):
                raise UnusableSubmissionError(Outcome.UNREADABLE, "not an ordinary file")
            content = b"" if about.st_size > MAX_BYTES else file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnusableSubmissionError(Outcome.UNREADABLE, f"cannot be read ({reason})") from None
    if max(len(content), about.st_size) > MAX_BYTES:
        raise UnusableSubmissionError(Outcome.TOO_LARGE, f"larger than {MAX_BYTES // 1_000_000} MB")
    return content


def decoded(content: bytes) -> tuple[str, list[Finding]]:
    """The text of `content` without control characters, and remarks. Raises UnusableSubmissionError when empty."""
    if not content.strip(b"\x00 \t\r\n"):
        raise UnusableSubmissionError(Outcome.EMPTY, "an empty file")
    findings = []
    if content.startswith(b"\xef\xbb\xbf"):
        findings.append(Finding(Outcome.BYTE_ORDER_MARK, "starts with a byte order mark; read as UTF-8"))
    encoding = json.detect_encoding(content)
    if not encoding.startswith("utf-8"):
        family = "-".join(encoding.split("-")[:2]).upper()
        findings.append(Finding(Outcome.NOT_UTF8, f"saved as {family}; read as such"))
        text = content.decode(encoding, errors="replace")
    else:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            findings.append(
                Finding(Outcome.NOT_UTF8, f"not UTF-8 at line {line}; such characters read as Windows-1252")
            )
            text = content.decode(encoding, errors="surrogateescape").translate(_WINDOWS)
    if encoding.startswith("utf-8") and len(content.translate(None, _CONTROL_BYTES)) == len(content):
        return text, findings  # seen without a search through the text, which takes many times as long
    readable = _CONTROL.sub("", text)
    if len(readable) < len(text):
        remark = "holds NUL bytes or other control characters; read without them"
        findings.append(Finding(Outcome.CONTROL_CHARACTERS, remark))
    return readable, findings


def kind_of_file(content: bytes) -> str | None:
    """What a file that is no notebook is instead, in words; None when that is not plain."""
    start = content[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return next((words for sign, words in _OTHER_KINDS if start.startswith(sign.lower())), None)
