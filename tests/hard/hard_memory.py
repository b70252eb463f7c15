# ruff: noqa: ASYNC240, T201
"""Files and forms made to be held in memory whole: what the service holds at most meanwhile, and what a kill leaves."""

import asyncio
import contextlib
import signal
import tempfile
import time
import zipfile
from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator
from pathlib import Path

import httpx

from tests.hard.place import PATIENCE, Service, service

SECONDS = 900.0
MIB = 1 << 20
PIECE = b"x" * MIB
TEXT, CELL, RECORD, SHARED = 600, 200, 100, 10_000_000
MOST = {"text": 48, "file": 48, "cell": 48, "attribute": 64, "record": 160, "shared": 448}
"""MiB beyond what the service holds in rest, by what is brought."""
LOGIN = "mei"
HEAD = b'--b\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n'
KIND = HEAD % (b"kind", b"") + b"sell-in\r\n"


def peak(pid: int) -> float:
    """The most memory that a process held since `forget_peak`, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


async def text() -> AsyncIterator[bytes]:
    yield HEAD % (b"note", b"")
    for _ in range(TEXT):
        yield PIECE
    yield b"\r\n--b--\r\n"


async def file() -> AsyncIterator[bytes]:
    yield KIND + HEAD % (b"file", b'; filename="f.csv"')
    for _ in range(TEXT):
        yield PIECE
    yield b"\r\n--b--\r\n"


def repeated(head: bytes, piece: bytes, times: int, tail: bytes) -> Iterator[bytes]:
    yield head
    yield from [piece] * times
    yield tail


def book(path: Path, sheet: Iterable[bytes], texts: Iterable[bytes] = (b"<sst/>",)) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        packed.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/s.xml"/></Relationships>',
        )
        packed.writestr("xl/workbook.xml", '<workbook><sheets><sheet name="s" r:id="r1"/></sheets></workbook>')
        for name, pieces in (("xl/sharedStrings.xml", texts), ("xl/worksheets/s.xml", sheet)):
            with packed.open(name, "w", force_zip64=True) as out:
                for piece in pieces:
                    out.write(piece)
    return path


ROW = b'<worksheet><sheetData><row><c t="str"><v>a</v></c><c t="str"><v>b</v></c></row><row>'
END = b"</row></sheetData></worksheet>"


def files(folder: Path) -> dict[str, Path]:
    record = folder / "record.csv"
    with record.open("wb") as out:
        out.writelines(repeated(b"a,b,c\n1,2,3\n", b'"x\n",' * (MIB // 5), RECORD, b"\n"))
    return {
        "cell": book(folder / "cell.xlsx", repeated(ROW + b'<c t="str"><v>', PIECE, CELL, b"</v></c>" + END)),
        "attribute": book(folder / "attribute.xlsx", repeated(ROW + b'<c r="', PIECE, CELL, b'"/>' + END)),
        "shared": book(
            folder / "shared.xlsx",
            [ROW + b'<c t="s"><v>1</v></c>' + END],
            repeated(b"<sst>", b"<si><t>ab</t></si>" * 1000, SHARED // 1000, b"</sst>"),
        ),
        "record": record,
    }


async def measured(running: Service, name: str, asked: Awaitable[httpx.Response]) -> str:
    """One attack: what it was answered and what it cost; '' where it held."""
    await asyncio.sleep(1)
    forget_peak(running.pid)
    before, began = running.rss(), time.monotonic()
    try:
        answer = await asked
        said = f"{answer.status_code} {answer.text[:90]!r}"
    except httpx.HTTPError as fault:  # answered before all of it had come
        said = type(fault).__name__
    more = peak(running.pid) - before
    print(
        f"{name:<10} {more:>6.0f} MiB more, {MOST[name]:>4} allowed, {time.monotonic() - began:>5.1f} s: {said}",
        flush=True,
    )
    return "" if more <= MOST[name] else f"{name} took {more:.0f} MiB"


async def left_by_a_kill(running: Service, client: httpx.AsyncClient, aside: Path) -> str:
    """Kill it in the middle of a file, start it again, and look at the folder for temporary files."""

    async def half() -> AsyncIterator[bytes]:
        yield PIECE
        while not any(each.stat().st_size for each in aside.glob("**/file")):
            await asyncio.sleep(0.05)
            yield PIECE
        await running.stop(signal.SIGKILL)

    with contextlib.suppress(httpx.HTTPError):
        await client.post("/api/v1/uploads", params={"file_name": "f"}, content=half())
    left = sorted(each.name for each in aside.iterdir())
    await running.start()
    after = sorted(each.name for each in aside.iterdir())
    print(f"a kill left {left}; after the next start there is {after}", flush=True)
    return "" if left and not set(left) & set(after) else "what a kill left is still there"


async def main() -> None:
    """Bring each and print what it took; fail where one took more than is allowed."""
    faults = []
    with tempfile.TemporaryDirectory(prefix="hard-memory-") as name:
        folder, aside = Path(name), Path(name) / "tmp"
        aside.mkdir()
        made = await asyncio.to_thread(files, folder)
        for kind, path in made.items():
            print(f"{kind}: a file of {path.stat().st_size / MIB:.1f} MiB", flush=True)
        async with service(TMPDIR=str(aside)) as running:
            headers = {"authorization": f"Bearer {await running.token(LOGIN)}"}
            async with httpx.AsyncClient(base_url=running.url, headers=headers, timeout=PATIENCE) as client:
                parted = {"content-type": "multipart/form-data; boundary=b"}
                for kind, body in (("text", text), ("file", file)):
                    faults.append(
                        await measured(running, kind, client.post("/api/v1/imports", content=body(), headers=parted))
                    )
                for kind, path in made.items():
                    asked = {"kind": "sell-in", "file_name": path.name, "dry_run": "true"}
                    content = path.read_bytes()
                    faults.append(
                        await measured(running, kind, client.post("/api/v1/imports", params=asked, content=content))
                    )
                faults.append(await left_by_a_kill(running, client, aside))
    if any(faults):
        raise SystemExit("; ".join(filter(None, faults)))


if __name__ == "__main__":
    asyncio.run(main())
