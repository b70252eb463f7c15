import re
from pathlib import Path

import pytest

from channel.web import catalogue
from channel.web.rendering import ROOT, environment, template_folders

TEMPLATES = sorted(path for folder in template_folders() for path in folder.rglob("*.html"))
INLINE = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a script address": re.compile(r"javascript:", re.IGNORECASE),
    "something from elsewhere": re.compile(r"""(?:src|href|action)\s*=\s*["']?(?:https?:)?//""", re.IGNORECASE),
    "code for htmx to evaluate": re.compile(r"""\bhx-on|hx-(?:vals|headers)\s*=\s*["']js:""", re.IGNORECASE),
}
STYLED = {"statement.html", "statement_sheet.html"}
"""A sheet is kept whole, with its style: the page that shows it lets in that very style, by its hash."""


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_stands_inline_in_any_template(path: Path) -> None:
    text = path.read_text()
    for what, pattern in INLINE.items():
        if what == "a style element" and path.name in STYLED:
            continue
        assert not pattern.search(text), f"{what}: {pattern.search(text)}"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_parts_two_values_is_said_in_the_language_of_the_page(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    assert not re.findall(r"(?:\}\}[,;] |%\}[,;] (?=[{<])).{,40}|join\(\"[,;] \"\)", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_template_can_be_read(path: Path) -> None:
    folder = next(folder for folder in template_folders() if path.is_relative_to(folder))
    environment("en").get_template(path.relative_to(folder).as_posix())


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_form_that_posts_carries_the_token(path: Path) -> None:
    for form in re.findall(r"<form\b.*?</form>", path.read_text(), re.DOTALL | re.IGNORECASE):
        if re.search(r'method\s*=\s*["\']?post', form, re.IGNORECASE):
            assert "csrf_field()" in form


def test_the_check_finds_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = catalogue.read()
    text = "no report"
    kept.get(text).string = ""
    kept.add("a text that nobody says", "谁也不说")
    kept.get("not known").flags.add("fuzzy")
    monkeypatch.setattr(catalogue, "read", lambda: kept)
    found = list(catalogue.faults())
    assert "not translated: 'no report'" in found
    assert "not translated: 'not known'" in found
    assert "no longer in the code: 'a text that nobody says'" in found
