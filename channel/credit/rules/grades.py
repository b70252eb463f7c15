"""The five credit grades of a dealer, best first, and a value for each of them."""

from dataclasses import dataclass
from typing import Generic, TypeVar

GRADES = ("AAA", "AA", "A", "B", "C")
"""Best first. A dealer without a grade has none of these: no grade is not the worst grade."""

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class GradeTable(Generic[V]):
    """One value for each grade."""

    aaa: V
    aa: V
    a: V
    b: V
    c: V

    def of(self, grade: str) -> V:
        """The value for the grade; a grade that is none of `GRADES` raises `KeyError`."""
        return self.values()[grade]

    def values(self) -> dict[str, V]:
        """Grade to value, best grade first."""
        return {"AAA": self.aaa, "AA": self.aa, "A": self.a, "B": self.b, "C": self.c}


def at_most(grade: str, best: str) -> str:
    """The grade itself, or `best` where the grade is better than that."""
    return max(grade, best, key=GRADES.index)
