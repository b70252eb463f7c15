"""A value for each credit grade of a dealer; a dealer without a grade has none of them, which is not the worst."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from channel.dealers.rules import GRADES
from channel.errors import m
from channel.versions.rules.spec import Keys

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

    def is_empty(self) -> bool:
        """Whether no grade has a value."""
        return self.aaa is None and self.aa is None and self.a is None and self.b is None and self.c is None


BY_GRADE = Keys(
    GRADES,
    GradeTable,
    m("This is not a value for each grade."),
    m("This grade is not known."),
    m("This grade is missing."),
)


def at_most(grade: str, best: str) -> str:
    """The grade itself, or `best` where the grade is better than that."""
    return max(grade, best, key=GRADES.index)


__all__ = ["BY_GRADE", "GRADES", "GradeTable", "at_most"]
