"""The kinds of files, and who may load which."""

from collections.abc import Iterable

from channel.access.rules import Person
from channel.errors import invalid, m
from channel.imports.loader import Loader, loaders, may_load, require_file, specs
from channel.imports.rules.kinds import KindSpec


def spec_of(kind: str) -> KindSpec:
    """The fields of a kind that can be loaded here."""
    if kind not in specs():
        raise invalid("kind", m("There is no such kind of file."), m("One of: %(names)s", names=", ".join(specs())))
    return specs()[kind]


def spec_for(person: Person, kind: str, create_missing: Iterable[str] = ()) -> KindSpec:
    """The fields of a kind that this person may load, and create with it what is to be created; else `Forbidden`."""
    spec = spec_of(kind)
    require_file(person, spec, create_missing)
    return spec


def loader_of(kind: str) -> Loader:
    """Who checks and writes this kind."""
    spec_of(kind)
    return loaders()[kind]


def kinds_for(person: Person) -> list[KindSpec]:
    """The kinds that this person may load."""
    return [spec for spec in specs().values() if may_load(person, spec)]
