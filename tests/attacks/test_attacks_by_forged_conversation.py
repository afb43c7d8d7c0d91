"""Well-formed frames that say what was not asked: other numbers, objects and functions, too much or too soon."""

import pytest
from hostile import WIRETAP, cases, function
from lab import PEAK, Attack, Lab

FORGED = cases(
    """
## the request after this one answered
send([request_number() + 1, 'ok', 0.0]); os._exit(0)
## the next hundred requests answered
for ahead in range(100):
    send([request_number() + ahead, 'ok', np.zeros((4, 7))])
time.sleep(9)
## the request before this one answered
send([request_number() - 1, 'ok', 0.0]); os._exit(0)
## two answers
send([request_number(), 'ok', 0.0]); return 0.0
## an answer of two parts
send([request_number(), 'ok', 0.0, 0.0]); os._exit(0)
## a handle of nothing
send_tree(ok([REF, 12345, 'object']))
## a handle with a negative number
send_tree(ok([REF, -1, 'function']))
## a handle with a number beyond 64 bits
send_tree(ok([REF, [INTEGER, bytes([1] * 40)], 'object']))
## a handle of an unknown kind
send_tree(ok([REF, 1, 'oracle']))
## thousands of handles
send_tree(ok([LIST, *([REF, n, 'object'] for n in range(20_000))]))
## thousands of handles under one key
send_tree(ok([DICT, *(part for n in range(10_000) for part in (0, [REF, n, 'object']))]))
## 24,000 keys with one hash
prime = 2**61 - 1
keys = [[INTEGER, (n * prime).to_bytes(16, 'little')] for n in range(1, 24_001)]
send_tree(ok([DICT, *(part for key in keys for part in (key, 0))]))
## a function of the grader's that was never given
send_tree([LIST, 'call', 99, [LIST], [DICT]])
## a function named by a list
send_tree([LIST, 'call', [LIST, 1], [LIST], [DICT]])
## a function returned that was never given
send_tree(ok([CALLBACK, 0]))
## a call of nothing
send_tree([LIST, 'call'])
## a call with arguments that are a number
send_tree([LIST, 'call', 0, 7, 8])
## calls without end
frame = frame_of(wire.encode(['call', 0, [], {}]).header)
while True:
    write(frame * 100)
## what was not the question asked of the grader
send(['do', 1, 9.0, [[], 'get', 'oracles']]); time.sleep(9)
"""
)

AHEAD = """
import threading
number = request_number()
def answer():
    for ahead in range(1, 100):
        send([number + ahead, 'ok', True])
threading.Thread(target=answer).start()
return np.zeros((4, 7))
"""

# Hidden tests of `cross_validate` hand functions of the grader's to the student's.
CALLED_BACK = cases(
    """
## called without end
while True: predict_labels(np.zeros((1, 1)), y[:1])
## called on more than can be computed
return distances_no_loops(*[np.zeros((200_000, 1), np.uint8)] * 2)
## called on 50 MB
return predict_labels(np.zeros((50 << 10, 1 << 10), np.uint8), y)
## called on millions of empty rows
return distances_no_loops(*[np.zeros((8_000_000, 0))] * 2)
## called on objects
return distances_no_loops(Agreeing(), Agreeing())
## called on objects that call
class Calling(Agreeing):
    def __len__(self): return distances_no_loops(self, self)
return distances_no_loops(Calling(), Calling())
## called on itself
return distances_no_loops(distances_no_loops, distances_no_loops)
## called with unknown keywords
return predict_labels(X, y, seed=1, oracle=True)
## searched for what it is
return [str(vars(predict_labels)), [str(getattr(predict_labels, name)) for name in dir(predict_labels)]]
## called by a thread
import threading
threads = [threading.Thread(target=distances_no_loops, args=(X, X)) for _ in range(8)]
[thread.start() for thread in threads]
return {k: [0.0] * num_folds for k in ks}
## called when the test is over
import threading
again = predict_labels
def late():
    time.sleep(0.2)
    again(np.zeros((1, 1)), y[:1])
threading.Thread(target=late).start()
return {k: [0.0] * num_folds for k in ks}
"""
)
AGREEING = """
import time
class Agreeing:
    def __len__(self): return 3
    def __getitem__(self, key): return Agreeing()
    def __iter__(self): return iter([Agreeing(), Agreeing()])
    def __eq__(self, other): return True
    def __getattr__(self, name): return Agreeing()
    def __call__(self, *arguments): return Agreeing()
"""


@pytest.mark.parametrize("body", FORGED.values(), ids=FORGED.keys())
def test_a_forged_message_earns_nothing(any_lab: Lab, body: str) -> None:
    any_lab.resists(Attack(function(body, WIRETAP)))


def test_answers_given_ahead_of_time_are_answers_to_what_comes(any_lab: Lab) -> None:
    """They stand in for the real ones, in later exercises too: nothing is won, something may be lost."""
    any_lab.resists(Attack(function(AHEAD, WIRETAP)), spared=("l1_distance",))


@pytest.mark.parametrize("body", CALLED_BACK.values(), ids=CALLED_BACK.keys())
def test_a_function_of_the_grader_is_of_no_use(any_lab: Lab, body: str) -> None:
    gap = function(body, AGREEING).replace(
        "def distances_two_loops(X, X_train)", "def cross_validate(X, y, ks, num_folds=5)"
    )
    peak = 4 * PEAK if "200_000" in body else PEAK  # what is computed until the time is up
    any_lab.resists(Attack(gap, exercise="cross_validate"), peak=peak)
