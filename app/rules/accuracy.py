"""How good the suggestion is on a city's own history: learned from four fifths, asked about the rest, in turn. Pure.

Twice: with the fifths drawn at random, so that a problem of the same wording may have been learned from; and with
problems of like wording kept together, so that whatever is asked about has not been seen in any wording like it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from app.rules.suggestion import Example, Hint, best, learn, pieces_of, suggest

FOLDS = 5
ALIKE = 0.34
"""Problems are of like wording when they share this part of the pieces that either of them has."""


@dataclass
class Accuracy:
    """Shares from 0 to 1. `spoke`: of how many something was suggested from the whole text; `held`: how often the right
    category was then among it."""

    count: int = 0
    category_first: float = 0
    category_among_three: float = 0
    department_first: float = 0
    department_among_three: float = 0
    spoke: float = 0
    held: float = 0


def measure(examples: Sequence[Example], hints: Sequence[Hint]) -> dict[str, Accuracy]:
    """'random': like wording may have been learned; 'new wording': it has not."""
    groups = _alike(examples)
    return {
        "random": _measure(examples, hints, list(range(len(examples)))),
        "new wording": _measure(examples, hints, groups),
    }


def _measure(examples: Sequence[Example], hints: Sequence[Hint], groups: Sequence[int]) -> Accuracy:
    """`groups` names for each example what must not be torn apart."""
    names = sorted(set(groups))
    Random(1).shuffle(names)  # noqa: S311 (a fixed order, nothing secret)
    fold_of = {name: nth % FOLDS for nth, name in enumerate(names)}
    tally = _Tally()
    for fold in range(FOLDS):
        model = learn([each for each, name in zip(examples, groups, strict=True) if fold_of[name] != fold], hints)
        for example, name in zip(examples, groups, strict=True):
            if fold_of[name] == fold:
                tally.add(example, *best(model, example.text, 3), suggest(model, example.text))
    return tally.shares()


class _Tally:
    """Counts that become shares."""

    def __init__(self) -> None:
        self.departments: list[tuple[bool, bool]] = []
        self.categories: list[tuple[bool, bool, bool, bool]] = []

    def add(self, example: Example, categories: list[int], departments: list[int], suggested: list) -> None:
        self.departments.append((departments[:1] == [example.department_id], example.department_id in departments))
        if example.category_id is not None:
            self.categories.append(
                (
                    categories[:1] == [example.category_id],
                    example.category_id in categories,
                    bool(suggested),
                    example.category_id in [each.category_id for each in suggested],
                )
            )

    def shares(self) -> Accuracy:
        spoken = [each for each in self.categories if each[2]]
        return Accuracy(
            count=len(self.departments),
            category_first=_share(self.categories, lambda each: each[0]),
            category_among_three=_share(self.categories, lambda each: each[1]),
            department_first=_share(self.departments, lambda each: each[0]),
            department_among_three=_share(self.departments, lambda each: each[1]),
            spoke=_share(self.categories, lambda each: each[2]),
            held=_share(spoken, lambda each: each[3]),
        )


def _share(rows: Sequence, holds: Callable[[tuple], bool]) -> float:
    return sum(map(holds, rows)) / len(rows) if rows else 0.0


def _alike(examples: Sequence[Example]) -> list[int]:
    """For each example the name of its group: linked to any other of like wording, and so on."""
    pieces = [pieces_of(each.text) for each in examples]
    leader = list(range(len(examples)))

    def find(nth: int) -> int:
        while leader[nth] != nth:
            leader[nth] = leader[leader[nth]]
            nth = leader[nth]
        return nth

    for nth, mine in enumerate(pieces):
        for other in range(nth):
            theirs = pieces[other]
            shared = len(mine & theirs)
            if shared and shared >= ALIKE * (len(mine) + len(theirs) - shared):
                leader[find(nth)] = find(other)
    return [find(nth) for nth in range(len(examples))]
