"""The catalogue of translations kept in step with the texts of the code: `python -m channel.web.catalogue [--check]`.

It is written sorted and without line numbers or dates, so that it changes only when a text does.
"""

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from channel.web.language import CATALOGUE

ROOT = Path(__file__).parent.parent.parent
_KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "_": None,
    "m": None,
    "say": None,
    "inform": None,
    "ItemColumn": (2,),
    "several": (1, 2),
}
_PLACE = re.compile(r"%\((\w+)\)s")
_DATED = re.compile(
    r'^"(?:POT-Creation-Date|PO-Revision-Date|Last-Translator|Generated-By|Language-Team): .*\n', re.MULTILINE
)


def read() -> Catalog:
    """The catalogue as it is kept."""
    with Path(str(CATALOGUE)).open("rb") as kept:
        return read_po(kept, locale="zh_Hans_CN", domain="channel")


def collected() -> Catalog:
    """A catalogue of the texts that code and templates hold now, without translations."""
    with (ROOT / "babel.cfg").open() as rules:
        methods, options = parse_mapping_cfg(rules)  # type: ignore[no-untyped-call] # Babel leaves it so
    texts = Catalog(domain="channel")
    found = extract_from_dir(ROOT, methods, options, _KEYWORDS, directory_filter=_is_ours)
    for _file, _line, text, comments, context in found:
        texts.add(text, auto_comments=comments, context=context)
    return texts


def updated() -> bytes:
    """The kept catalogue brought up to the texts of the code; new ones wait for their translation."""
    catalogue = read()
    catalogue.update(collected(), no_fuzzy_matching=True)
    catalogue.header_comment = "# Simplified Chinese texts of channel; `make catalogue` adds what is new."
    written = BytesIO()
    write_po(written, catalogue, width=0, no_location=True, sort_output=True, ignore_obsolete=True)
    return _DATED.sub("", written.getvalue().decode()).encode()


def faults() -> Iterator[str]:
    """What is wrong with the kept catalogue, a sentence for each fault."""
    kept, wanted = read(), collected()
    kept_ids, wanted_ids = {_key(entry) for entry in kept if entry.id}, {_key(entry) for entry in wanted if entry.id}
    yield from (f"not in the catalogue: {text!r}" for text in sorted(wanted_ids - kept_ids))
    yield from (f"no longer in the code: {text!r}" for text in sorted(kept_ids - wanted_ids))
    for entry in kept:
        if not entry.id:
            continue
        said = [text or "" for text in (entry.string if isinstance(entry.string, tuple | list) else [entry.string])]
        if entry.fuzzy or not all(said):
            yield f"not translated: {_key(entry)!r}"
        elif any(set(_PLACE.findall(each)) - set(_PLACE.findall(_key(entry))) for each in said):
            yield f"places that the text does not have: {_key(entry)!r}"


def _key(entry: Message) -> str:
    """A text and its plural as one; both are one entry."""
    return "\n".join(entry.id) if isinstance(entry.id, tuple | list) else str(entry.id)


def _is_ours(folder: str) -> bool:
    return not Path(folder).name.startswith((".", "__"))


def main(arguments: list[str]) -> int:
    """Write the catalogue anew, or with `--check` only say what is wrong with it; 0 when all is well."""
    if "--check" not in arguments:
        Path(str(CATALOGUE)).write_bytes(updated())
    found = list(faults())
    for fault in found:
        print(fault, file=sys.stderr)  # noqa: T201 - this is a command of the Makefile
    return 1 if found and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
