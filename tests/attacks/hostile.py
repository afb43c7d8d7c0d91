"""Pieces of code that attacks are made of, as a student would put them into a cell."""

# The connection to the grader: its descriptor, the number of the request being served, and bytes of the student's own.
WIRETAP = '''
import os, stat, struct, sys, time
import msgpack
from autograder.byvalue import wire

LIST, TUPLE, DICT, ARRAY, SCALAR, COMPLEX, INTEGER, REF, CALLBACK, SLICE = range(10)

def descriptor():
    for number in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                return number
        except OSError:
            pass

def request_number():
    frame = sys._getframe()
    while frame is not None:
        if type(frame.f_locals.get("number")) is int and "server" in frame.f_code.co_filename + "serving":
            return frame.f_locals["number"]
        frame = frame.f_back
    return 1

def write(content):
    while content:
        content = content[os.write(descriptor(), content):]

def frame_of(header, buffers=(), sizes=None):
    sizes = [len(each) for each in buffers] if sizes is None else sizes
    head = struct.pack("<II", len(header), len(sizes)) + struct.pack(f"<{len(sizes)}Q", *sizes)
    return head + header + b"".join(buffers)

def send_tree(tree, buffers=(), sizes=None):
    """A reply in the wire's own tags, then the end: nothing else may arrive behind it."""
    write(frame_of(msgpack.packb(tree), buffers, sizes))
    os._exit(0)

def send(value):
    write(frame_of(wire.encode(value).header, wire.encode(value).buffers))

def ok(tree):
    return [LIST, request_number(), "ok", tree]
'''


def function(body: str, before: str = "") -> str:
    """The attacked function with this body, behind some code of its cell."""
    lines = "\n".join("    " + line for line in body.strip("\n").splitlines())
    return f"{before}\ndef distances_two_loops(X, X_train):\n{lines}\n"


def cases(text: str) -> dict[str, str]:
    """Code by name, from a text in which each case begins with a line `## NAME`."""
    _, *blocks = ("\n" + text.strip("\n")).split("\n## ")
    named = [block.partition("\n")[::2] for block in blocks]
    assert len({name for name, _ in named}) == len(named), "two cases have one name"
    return dict(named)
