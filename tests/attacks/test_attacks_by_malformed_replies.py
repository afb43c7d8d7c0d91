"""Bytes on the student's connection that are no reply: the process ends, the test fails, the grader takes no harm."""

import pytest
from hostile import WIRETAP, cases, function
from lab import ATTACKED, POINTS, Attack, Lab

MALFORMED = cases(
    r"""
## noise
write(os.urandom(4096)); time.sleep(9)
## nothing, then the end
os._exit(0)
## half a frame, then the end
write(frame_of(b'x' * 100)[:50]); os._exit(0)
## a header of 4 GB announced
write(struct.pack('<II', 2**32 - 1, 0)); time.sleep(9)
## four billion arrays announced
write(struct.pack('<II', 10, 2**32 - 1)); time.sleep(9)
## an array of 2**60 bytes announced
write(struct.pack('<IIQ', 10, 1, 2**60)); time.sleep(9)
## 4,096 arrays of nothing
send_tree(ok(None), [b''] * 4096)
## 64 MB that nothing refers to
send_tree(ok(1), [bytes(60 << 20)])
## an array larger than its buffer
send_tree(ok([ARRAY, '<f8', [10**6], 'C', 0]), [b'12345678'])
## an array smaller than its buffer
send_tree(ok([ARRAY, '<f8', [1], 'C', 0]), [bytes(800)])
## a negative shape
send_tree(ok([ARRAY, '<f8', [-1, -1], 'C', 0]), [b'12345678'])
## 2**40 empty rows
send_tree(ok([ARRAY, '<f8', [2**40, 0], 'C', 0]), [b''])
## a shape beyond any integer
send_tree(ok([ARRAY, '<f8', [0, 2**63, 2**63], 'C', 0]), [b''])
## a shape beyond the address space
send_tree(ok([ARRAY, '<f8', [0, 2**62, 2**62], 'C', 0]), [b''])
## a shape of text
send_tree(ok([ARRAY, '<f8', ['1'], 'C', 0]), [b'12345678'])
## an order that is none
send_tree(ok([ARRAY, '<f8', [1], 'K', 0]), [b'12345678'])
## an order that is a list
send_tree(ok([ARRAY, '<f8', [1], ['C'], 0]), [b'12345678'])
## one buffer for two arrays
send_tree(ok([LIST] + [[ARRAY, '<f8', [1], 'C', 0]] * 2), [b'12345678'])
## a buffer that is not there
send_tree(ok([ARRAY, '<f8', [1], 'C', 7]), [b'12345678'])
## Python objects
send_tree(ok([ARRAY, '|O', [1], 'C', 0]), [b'12345678'])
## a record
send_tree(ok([ARRAY, '<f8,<f8', [1], 'C', 0]), [bytes(16)])
## text of no characters
send_tree(ok([ARRAY, '<U0', [1], 'C', 0]), [b''])
## a character that Unicode lacks
send_tree(ok([SCALAR, '<U1', bytes([255] * 4)]))
## a number of three bytes
send_tree(ok([ARRAY, '<f3', [1], 'C', 0]), [b'123'])
## a whole number of 100,000 digits
send_tree(ok([INTEGER, bytes([1] * 41_000)]))
## lists in lists in lists
write(frame_of(b'\x91' * 1_000_000 + b'\xc0')); time.sleep(9)
## lists as deep as is allowed, and one more
tree = 0.0
for _ in range(30): tree = [LIST, tree]
send_tree(ok(tree))
## two million empty lists
write(frame_of(b'\xdd' + struct.pack('>I', 2_000_000) + b'\x90' * 2_000_000))
time.sleep(9)
## forty times 49,000 empty lists
one = b'\xdd' + struct.pack('>I', 49_000) + b'\x90' * 49_000
write(frame_of(b'\xdc\x00\x28' + one * 40)); time.sleep(9)
## a map
send_tree(ok({}))
## an extension type
send_tree(ok(msgpack.ExtType(5, b'')))
## a key without a value
send_tree(ok([DICT, 1]))
## a key that is a list
send_tree(ok([DICT, [LIST, 1], 1]))
## an unknown tag
send_tree(ok([99, 1]))
## a tag that is a truth value
send_tree(ok([True, 1]))
## a reply that is a number
send_tree(7)
## a reply of nothing
send_tree([LIST])
## a reply that begins with an array
send_tree([LIST, [ARRAY, '<f8', [2], 'C', 0], 1, 1], [bytes(16)])
## a reply that begins with two arrays
send_tree([LIST] + [[ARRAY, '<f8', [2], 'C', n] for n in (0, 1)], [bytes(16)] * 2)
## an answer to request true
send_tree([LIST, True, 'ok', 0.0])
## an answer to request 1.0
send_tree([LIST, float(request_number()), 'ok', 0.0])
## neither ok nor raised
send_tree([LIST, request_number(), 'passed', 1])
## ok, in an array
send_tree([LIST, request_number(), [ARRAY, '<U2', [2], 'C', 0], 1], ['okok'.encode('utf-32-le')])
## an error without a name
send_tree([LIST, request_number(), 'raised', 1, 2, 3])
## an error with a line in line 'a'
send_tree([LIST, request_number(), 'raised', [LIST, 'E'], '', [LIST, [LIST, 'text', 'a']]])
## a drip of bytes
write(struct.pack('<II', 1_000_000, 0))
while True:
    write(b'\xc0')
    time.sleep(0.02)
## replies without end
frame = frame_of(msgpack.packb(ok(0.0)))
while True:
    write(frame * 1000)
## an answer with bytes of the urgent kind
import socket
line = socket.socket(fileno=descriptor())
try:
    line.send(b'!', socket.MSG_OOB)
except OSError:
    pass
os._exit(0)
## descriptors along with an answer
import socket
line = socket.socket(fileno=descriptor())
socket.send_fds(line, [frame_of(msgpack.packb(ok(0.0)))], [0] * 200)
os._exit(0)
## half of the connection closed
import socket
line = socket.socket(fileno=descriptor())
line.shutdown(socket.SHUT_WR)
time.sleep(9)
## the connection closed
os.close(descriptor()); time.sleep(9)
## another socket in its place
import socket
a, b = socket.socketpair()
os.dup2(a.fileno(), descriptor())
while True:
    a.send(b'x' * 99)
"""
)

WHOLE_CELL = cases(
    """
## noise
write(os.urandom(4096)); time.sleep(9)
## outputs that are no list
send_tree(ok(5))
## a list of numbers
send_tree(ok([LIST, 1, 2, 3]))
## 2**40 empty rows
send_tree(ok([LIST, [ARRAY, '<f8', [2**40, 0], 'C', 0]]), [b''])
## a shape beyond any integer
send_tree(ok([ARRAY, '<f8', [0, 2**63, 2**63], 'C', 0]), [b''])
## text of no characters
send_tree(ok([ARRAY, '<U0', [1], 'C', 0]), [b''])
## a character that Unicode lacks
send_tree(ok([SCALAR, '<U1', bytes([255] * 4)]))
## a handle
send_tree(ok([LIST, [REF, 1, 'object']]))
## a call of the grader's
send_tree([LIST, 'call', 0, [LIST], [DICT]])
## a reply that begins with an array
send_tree([LIST, [ARRAY, '<f8', [2], 'C', 0], 1, 1], [bytes(16)])
## ok, in an array
send_tree([LIST, request_number(), [ARRAY, '<U2', [2], 'C', 0], 1], ['okok'.encode('utf-32-le')])
## replies without end
frame = frame_of(msgpack.packb(ok([LIST])))
while True:
    write(frame * 1000)
"""
)


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_reply_to_a_hidden_test_earns_nothing(any_lab: Lab, body: str) -> None:
    any_lab.resists(Attack(function(body, WIRETAP)))


@pytest.mark.parametrize("body", WHOLE_CELL.values(), ids=WHOLE_CELL.keys())
def test_a_malformed_reply_of_a_cell_costs_only_what_the_cell_would_have_defined(any_lab: Lab, body: str) -> None:
    graded = any_lab.grade(Attack(before=WIRETAP + body))
    any_lab.is_unharmed(graded)
    assert graded.attacked == POINTS[ATTACKED]
