"""Policies: other right ways, and mistakes."""

import numpy as np

from autograder.mutants.augmentation.moves import IN_PLACE, OWN_GENERATOR, named
from autograder.testing import alternative, mutant

# Policies -------------------------------------------------------------------------------------------------------------


@alternative("apply_policy", "sub-policy by sub-policy, many images at a time")
def in_groups(images, policy, operations, rng):
    out, chosen = np.array(images), rng.choice(len(policy), size=len(images))
    for number, sub in enumerate(policy):
        for name, probability, level in sub:
            members = np.flatnonzero((chosen == number) & (rng.uniform(size=len(images)) < probability))
            if len(members):
                out[members] = operations[name](out[members], level, rng)
    return out


@alternative("apply_policy", "image by image, put together at the end")
def stacked(images, policy, operations, rng):
    done = []
    for image in images:
        batch = image[np.newaxis].copy()
        for name, probability, level in policy[int(rng.random() * len(policy))]:
            if rng.binomial(1, probability):
                batch = operations[name](batch, level, rng)
        done.append(np.asarray(batch))
    return np.concatenate(done)


def _one_each(n, policy, rng):
    return [policy[k] for k in rng.integers(len(policy), size=n)]


def _own_coins(sub, rng):
    return [rng.random() < probability for _, probability, _ in sub]


def _policy(
    name,
    sentence,
    choose=_one_each,
    coins=_own_coins,
    order=lambda sub: list(enumerate(sub)),
    on=lambda before, now: now,
    level_of=lambda probability, level: level,
    handed=lambda rng: rng,
    finish=lambda x: x,
    generator=lambda rng: rng,
):
    """An apply_policy with one of its parts exchanged."""

    def apply_policy(images, policy, operations, rng):
        rng = generator(rng)
        out = np.array(images)
        for k, sub in enumerate(choose(len(images), policy, rng)):
            happens = coins(sub, rng)
            for place, (operation, probability, level) in order(sub):
                if happens[place]:
                    batch = on(images[k : k + 1], out[k : k + 1])
                    out[k] = np.asarray(operations[operation](batch, level_of(probability, level), handed(rng)))[0]
        return finish(out)

    mutant("apply_policy", sentence)(named(name, apply_policy))


class _Drawn(list):
    """A sub-policy and the number that chose it."""

    draw = 0.0


def _with_coin(policy, draw):
    chosen = _Drawn(policy[int(draw * len(policy))])
    chosen.draw = draw
    return chosen


def _shared_coins(sub, rng):
    draw = rng.random()
    return [draw < probability for _, probability, _ in sub]


_policy(
    "backwards",
    "The operations of a sub-policy are carried out in the opposite order.",
    order=lambda sub: list(enumerate(sub))[::-1],
)
_policy(
    "always",
    "Every operation happens: draw for each and compare with its probability.",
    coins=lambda sub, rng: [p > 0 for _, p, _ in sub],
)
_policy(
    "probability_of_not",
    "An operation happens with one minus its probability: a uniform number is below p with probability p.",
    coins=lambda sub, rng: [rng.random() >= p for _, p, _ in sub],
)
_policy("coin_for_both", "One draw decides for all operations of a sub-policy: each has its own.", coins=_shared_coins)
_policy(
    "first_or_nothing",
    "The second operation only happens when the first did: each has a draw of its own.",
    coins=lambda sub, rng: np.logical_and.accumulate([rng.random() < p for _, p, _ in sub]).tolist(),
)
_policy(
    "each_on_the_original",
    "Every operation is carried out on the original image: go on from the result of the one before.",
    on=lambda before, now: before,
)
_policy(
    "first_sub_policy",
    "Every image gets the first sub-policy: draw one.",
    choose=lambda n, policy, rng: [policy[0]] * n,
)
_policy(
    "in_turn",
    "The sub-policies are dealt out in turn: draw one for each image.",
    choose=lambda n, policy, rng: [policy[k % len(policy)] for k in range(n)],
)
_policy(
    "in_turn_from_a_draw",
    "Only the first image's sub-policy is drawn, the others follow in turn: draw one for each image.",
    choose=lambda n, policy, rng: (lambda first: [policy[(first + k) % len(policy)] for k in range(n)])(
        rng.integers(len(policy))
    ),
)
_policy(
    "ends_half_as_often",
    "The first and the last sub-policy are half as likely as the others: rounding does that, draw an integer.",
    choose=lambda n, policy, rng: [policy[k] for k in np.rint(rng.random(n) * (len(policy) - 1)).astype(int)],
)
_policy(
    "last_never",
    "The last sub-policy is never drawn: integers(high) excludes high already.",
    choose=lambda n, policy, rng: [policy[k] for k in rng.integers(max(len(policy) - 1, 1), size=n)],
)
_policy(
    "one_for_the_batch",
    "All images of the batch have the same sub-policy: draw one for each.",
    choose=lambda n, policy, rng: [policy[rng.integers(len(policy))]] * n,
)
_policy(
    "all_sub_policies",
    "All sub-policies are carried out, one after the other: draw one for each image.",
    choose=lambda n, policy, rng: [[step for sub in policy for step in sub]] * n,
)
_policy(
    "probability_as_level",
    "Operations get their probability in the place of their level.",
    level_of=lambda probability, level: probability,
)
_policy(
    "only_first_operation",
    "Only the first operation of a sub-policy is carried out: there may be any number.",
    order=lambda sub: list(enumerate(sub))[:1],
)
_policy("without_generator", "Operations do not get the generator: some of them draw, too.", handed=lambda rng: None)
_policy(
    "fresh_generator_for_operations",
    "Operations get a new generator: hand them the one passed in, or a seed does not give the same again.",
    handed=lambda rng: np.random.default_rng(),
)
_policy(
    "one_draw_for_choice_and_coin",
    "The draw that chooses the sub-policy is used again for its first operation: each operation has a draw of its own.",
    choose=lambda n, policy, rng: [_with_coin(policy, rng.random()) for _ in range(n)],
    coins=lambda sub, rng: [sub.draw < p if k == 0 else rng.random() < p for k, (_, p, _) in enumerate(sub)],
)
_policy("policy_of_own_generator", OWN_GENERATOR, generator=lambda rng: np.random.default_rng(0))
_policy("policy_as_floats", "The result is an array of floats: pixels stay uint8.", finish=lambda x: x.astype(float))


@mutant("apply_policy", "One draw decides for the whole batch: each image has draws of its own.")
def whole_batch(images, policy, operations, rng):
    out = np.array(images)
    chosen = rng.integers(len(policy), size=len(images))
    for number, sub in enumerate(policy):
        for name, probability, level in sub:
            if rng.random() < probability and (chosen == number).any():
                out[chosen == number] = operations[name](out[chosen == number], level, rng)
    return out


@mutant("apply_policy", IN_PLACE)
def policy_in_place(images, policy, operations, rng):
    images[...] = stacked(images, policy, operations, rng)
    return images
