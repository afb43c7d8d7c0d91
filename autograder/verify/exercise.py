"""What must hold of one exercise's hidden tests, mutants and alternatives, measured over many seeds."""

from dataclasses import dataclass, field

from autograder.grading.diagnose import RememberedRuns, diagnose
from autograder.grading.exercise import TestResult, earned_share, results_of
from autograder.grading.run import Outcome, run_tests
from autograder.source import Exercise
from autograder.testing.registry import Mutant, alternatives_of, asks_once, hidden_tests_of, mutants_of
from autograder.verify.bans import ban_problems
from autograder.verify.workbench import Workbench

OWN_SENTENCE = 0.95
PASSING_CHECK = 0.5


@dataclass(frozen=True)
class MutantReport:
    """How one mutant fares: the most it ever earned, whether the visible check lets it pass, how often it is named."""

    name: str
    highest_share: float
    passes_check: bool
    own_sentence: float


@dataclass
class ExerciseReport:
    """The measurements of one exercise, and what is wrong with it, in words."""

    name: str
    points: float
    seeds: int
    solution: float = 0.0
    gap: float = 0.0
    alternatives: dict[str, float] = field(default_factory=dict)
    mutants: list[MutantReport] = field(default_factory=list)
    caught_by: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def verify_exercise(exercise: Exercise, solved: Workbench, unsolved: Workbench, seeds: list[str]) -> ExerciseReport:
    """Measure an exercise; of shares, the lowest over the seeds for right work, the highest for wrong."""
    report = ExerciseReport(exercise.name, exercise.points, len(seeds))
    report.caught_by = {test.name: 0 for test in hidden_tests_of(exercise.name)}
    report.problems += ban_problems(exercise, solved.namespace)
    _right_work(report, solved, seeds)
    _gap(report, unsolved, seeds)
    runs = {seed: RememberedRuns(exercise.name, seed) for seed in seeds}
    for mutant in mutants_of(exercise.name):
        report.mutants.append(_mutant(report, mutant, exercise, solved, runs))
    _judge(report)
    return report


def _right_work(report: ExerciseReport, solved: Workbench, seeds: list[str]) -> None:
    report.solution = min(_share(report, "the solution", run_tests(report.name, solved.namespace, s)) for s in seeds)
    for right in alternatives_of(report.name):
        if right.replaces not in solved.namespace:
            report.problems.append(f"alternative {right.name} replaces {right.replaces}, which no cell defines")
            continue
        with solved.swapped(right.replaces, right.work) as namespace:
            shares = [_share(report, f"alternative {right.name}", run_tests(report.name, namespace, s)) for s in seeds]
        report.alternatives[right.name] = min(shares)


def _gap(report: ExerciseReport, unsolved: Workbench, seeds: list[str]) -> None:
    outcomes = [run_tests(report.name, unsolved.namespace, seed) for seed in seeds[:2]]
    report.gap = max(earned_share(results_of(each, {})) for each in outcomes)


def _mutant(
    report: ExerciseReport, mutant: Mutant, exercise: Exercise, solved: Workbench, runs: dict[str, RememberedRuns]
) -> MutantReport:
    if mutant.replaces not in solved.namespace:
        report.problems.append(f"mutant {mutant.name} replaces {mutant.replaces}, which no cell defines")
        return MutantReport(mutant.name, 1.0, False, 0.0)
    highest, named, caught = 0.0, 0, set()
    with solved.swapped(mutant.replaces, mutant.work) as namespace:
        passes = not solved.check_failure(exercise.check)
        for seed, known in runs.items():
            outcomes = run_tests(exercise.name, namespace, seed)
            results: list[TestResult] = results_of(outcomes, diagnose(outcomes, known))
            highest = max(highest, earned_share(results))
            named += any(result.mutant == mutant.name for result in results)
            caught |= {result.name for result in results if not result.passed}
    for name in caught:
        report.caught_by[name] += 1
    return MutantReport(mutant.name, highest, passes, named / len(runs))


def _share(report: ExerciseReport, whose: str, outcomes: list[Outcome]) -> float:
    for outcome in outcomes:
        if not outcome.passed:
            reason = outcome.unexpected.strip().splitlines()[-1] if outcome.unexpected else outcome.sentence
            problem = f"{whose} fails {outcome.test.name}: {reason}"
            if problem not in report.problems:
                report.problems.append(problem)
        if outcome.questions.answers > 1 and asks_once(report.name):
            problem = f"{outcome.test.name} asks {outcome.questions.answers} questions of {whose}: it is in ask_once"
            if problem not in report.problems:
                report.problems.append(problem)
    return earned_share(results_of(outcomes, {}))


def _judge(report: ExerciseReport) -> None:
    say = report.problems.append
    if report.gap > 0:
        say(f"the empty gap earns {report.gap:.0%}: every hidden test must fail for it")
    if not report.mutants:
        say("there are no mutants: nothing shows that the hidden tests catch a mistake")
    for mutant in report.mutants:
        if mutant.highest_share > 1 - 1e-9:
            say(f"mutant {mutant.name} earns every point for some seed: a hidden test must catch it always")
        elif mutant.own_sentence < OWN_SENTENCE:
            say(f"mutant {mutant.name} gets its own sentence in {mutant.own_sentence:.0%} of seeds, not 95 %")
    passing = sum(mutant.passes_check for mutant in report.mutants)
    if passing < PASSING_CHECK * len(report.mutants):
        say(f"only {passing} of {len(report.mutants)} mutants pass the visible check: it gives the hidden tests away")
    for test, count in report.caught_by.items():
        if count == 0:
            say(f"hidden test {test} catches no mutant: add the mistake that it is there for, or drop it")
