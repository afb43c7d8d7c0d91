"""The hostile submissions of benchmarks/attacks.py, each one wrong work with a trick in it, and the course they meet.

In a student's code COURSE stands for the course folder, HOME for the instructor's home, PORT for a port at which
somebody listens. A real student would guess them, or read them in an error message of an earlier feedback.
"""

from attack_lab.case import Case
from attack_lab.others import BATCH, MACHINE, OTHERS
from attack_lab.points import POINTS

KINDS: dict[str, tuple[Case, ...]] = {
    "Points for wrong work": POINTS,
    "Other people's grades": OTHERS,
    "The rest of the batch": BATCH,
    "The machine, and who reads the feedback": MACHINE,
}
