"""The regions of a source cell that students never see, and what they see in a solution's place."""

import re
from dataclasses import dataclass

_BEGIN = re.compile(r"^(?P<indent>\s*)### BEGIN (?P<kind>SOLUTION|HIDDEN TESTS|MARK SCHEME)(?P<rest>.*)$")
_END = re.compile(r"^\s*### END (?P<kind>SOLUTION|HIDDEN TESTS|MARK SCHEME)\s*$")
_LOOSE = re.compile(r"\b(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)\b")

ANSWER_STUB = "YOUR ANSWER HERE"


class RegionError(ValueError):
    """A BEGIN or END line that has no partner or is not written as it should be; `line` counts from 0 in the cell."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line


@dataclass(frozen=True)
class Region:
    """Lines `start` (the BEGIN line) to `end` (the END line), both included, counted from 0 in the cell."""

    kind: str
    start: int
    end: int
    indent: str
    message: str
    text: str


def regions(source: str) -> list[Region]:
    """Every region of a cell, in order. Raises `RegionError` where BEGIN and END lines do not pair up."""
    found: list[Region] = []
    begin: re.Match[str] | None = None
    start = 0
    lines = source.split("\n")
    for number, line in enumerate(lines):
        opened, closed = _BEGIN.match(line), _END.match(line)
        if opened:
            if begin:
                raise RegionError(number, f"BEGIN {opened['kind']} inside a {begin['kind']} region")
            begin, start = opened, number
        elif closed:
            if not begin or begin["kind"] != closed["kind"]:
                raise RegionError(number, f"END {closed['kind']} without its BEGIN line")
            body = "\n".join(lines[start + 1 : number])
            message = begin["rest"].removeprefix(":").strip()
            found.append(Region(begin["kind"], start, number, begin["indent"], message, body))
            begin = None
        elif _LOOSE.search(line):
            raise RegionError(number, f"write the line as '### BEGIN ...' or '### END ...', not {line.strip()!r}")
    if begin:
        raise RegionError(start, f"BEGIN {begin['kind']} without its END line")
    return found


def gap_stub(exercise: str, message: str) -> str:
    """The two lines that stand in a gap: they fail with what there is to write."""
    return f'# YOUR CODE HERE\nraise NotImplementedError("{exercise}: {message}")'


def gap_of(source: str, exercise: str) -> str:
    """What students get of a code cell: each solution region gives way to a line that says what to write."""
    lines = source.split("\n")
    for region in reversed(regions(source)):
        if region.kind == "SOLUTION":
            stub = [region.indent + line for line in gap_stub(exercise, region.message).split("\n")]
            lines[region.start : region.end + 1] = stub
    return "\n".join(lines)


def without_regions(source: str, stub: str | None = None) -> str:
    """The cell without its regions; `stub` stands in the place of solution regions."""
    lines = source.split("\n")
    for region in reversed(regions(source)):
        lines[region.start : region.end + 1] = [stub] if stub and region.kind == "SOLUTION" else []
    return "\n".join(lines).rstrip("\n")
