"""What ingesting takes, as a Markdown table: `python -m eval.ingest_bench`.

The same made-up documents are made ready by every engine, one engine after the other, each in a
process of its own. The rate is that of the documents after the first, so that what starting costs
(models, Ray's own processes) stands apart from what each further document costs. Memory is the most
that all processes of an engine had together, a page that several share counted once (PSS), read
once a second. Linux only. Not covered: writing to the record; scanned pages.
"""

import argparse
import html
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

from eval.machine import cores, memory_gib
from eval.scale_library import texts
from index import cluster, workers
from index.errors import CiteBriefError
from index.job import Job, Ready, Workshop
from index.lexicon import GLOSSARY, THESAURUS, compile_lexicon
from index.types import Lang
from index.workers import Limits

ENGINES = (("local", 1), ("local", 2), ("ray", 1), ("ray", 2))
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Figures:
    """One engine's run, in seconds, counts and MiB."""

    engine: str
    cpus: int
    documents: int
    passages: int
    first: float  # until the first result
    rest: float  # from then to the last
    after: int  # passages of the documents after the first
    peak: float = 0.0


def write_documents(folder: Path, count: int, sentences: int) -> None:
    """`count` documents of `sentences` each, in every format and both languages by turns."""
    writers: Sequence[tuple[str, Callable[[Path, str, Lang], None]]] = (
        ("txt", _write_text),
        ("md", _write_text),
        ("html", _write_html),
        ("docx", _write_docx),
        ("pdf", _write_pdf),
    )
    for number, (lang, text) in enumerate(texts(count, sentences)):
        suffix, write = writers[number // 2 % len(writers)]
        write(folder / f"{number:05d}.{lang}.{suffix}", text, lang)


def measure_one(engine: str, cpus: int, folder: Path) -> Figures:
    """Make every file of `folder` ready by one engine; CiteBriefError where one is refused."""
    lexicon = compile_lexicon(GLOSSARY, THESAURUS).to_json()
    workshop = Workshop(lexicon, None, "bench")
    jobs = [Job(path.stem, path) for path in sorted(folder.iterdir())]
    begin = time.perf_counter()
    if engine == "ray":
        done = cluster.run(jobs, workshop, address=None, limits=Limits(), cpus=cpus)
    else:
        done = workers.run(jobs, workshop, workers=cpus, limits=Limits())
    ends, counts = [], []
    for job, result in done:
        if not isinstance(result, Ready):
            raise CiteBriefError(f"{job.path.name} was refused: {result.message}")
        ends.append(time.perf_counter() - begin)
        counts.append(len(result.prepared.passages))
    return Figures(
        engine=engine,
        cpus=cpus,
        documents=len(ends),
        passages=sum(counts),
        first=ends[0],
        rest=ends[-1] - ends[0],
        after=sum(counts[1:]),
    )


def measure(engine: str, cpus: int, folder: Path) -> Figures:
    """`measure_one` in a process of its own, with the most memory that it and its children had."""
    command = [sys.executable, "-m", "eval.ingest_bench", "--one", engine, str(cpus), str(folder)]
    peak = 0.0
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err)
        while process.poll() is None:
            peak = max(peak, _memory(process.pid))
            time.sleep(1)
        out.seek(0)
        err.seek(0)
        if process.returncode:
            raise CiteBriefError(f"{engine} with {cpus} ended badly: {err.read()[-500:]}")
        return Figures(**json.loads(out.read()) | {"peak": peak})


def table(figures: Sequence[Figures]) -> str:
    """The figures as Markdown; the first row is what the others are compared with."""
    lines = [
        "| Engine | First result, s | Documents a second | Sentences a second | × the first row | "
        "Peak memory, MiB |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    least = figures[0].after / figures[0].rest
    for f in figures:
        rate = f.after / f.rest
        lines.append(
            f"| {f.engine}, {f.cpus} CPU | {f.first:.1f} | {(f.documents - 1) / f.rest:.2f} | "
            f"{rate:.0f} | {rate / least:.2f} | {f.peak:.0f} |"
        )
    return "\n".join(lines) + "\n"


def _memory(pid: int) -> float:
    """What a process and all below it have in memory, in MiB, each shared page once."""
    import psutil

    total = 0
    try:
        parent = psutil.Process(pid)
        for process in [parent, *parent.children(recursive=True)]:
            try:
                total += process.memory_full_info().pss
            except psutil.Error:  # it has ended
                continue
    except psutil.Error:
        return 0.0
    return total / MIB


def _write_text(path: Path, text: str, lang: Lang) -> None:
    path.write_text(text, encoding="utf-8")


def _write_html(path: Path, text: str, lang: Lang) -> None:
    parts = [
        f"<h2>{html.escape(words)}</h2>" if heading else f"<p>{html.escape(words)}</p>"
        for heading, words in _blocks(text)
    ]
    body = f"<html lang={lang}><meta charset=utf-8><body><article>{''.join(parts)}</article></body>"
    path.write_text(f"<!doctype html>{body}</html>", encoding="utf-8")


def _write_docx(path: Path, text: str, lang: Lang) -> None:
    import docx

    document = docx.Document()
    for heading, words in _blocks(text):
        document.add_paragraph(words, style="Heading 2" if heading else "Normal")
    document.save(str(path))


def _write_pdf(path: Path, text: str, lang: Lang) -> None:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

    font = "Helvetica"
    if lang == "ko":
        font = "HYSMyeongJo-Medium"
        registerFont(UnicodeCIDFont(font))
    plain = ParagraphStyle("plain", fontName=font, fontSize=10, leading=15)
    large = ParagraphStyle("large", parent=plain, fontSize=16, leading=24)
    story = []
    for heading, words in _blocks(text):
        story += [Paragraph(escape(words), large if heading else plain), Spacer(0, 10)]
    SimpleDocTemplate(str(path)).build(story)


def _blocks(text: str) -> list[tuple[bool, str]]:
    """Every block with whether it is a heading."""
    blocks = text.strip().split("\n\n")
    return [(block.startswith("## "), block.removeprefix("## ")) for block in blocks]


def main() -> int:
    """Write the documents, measure every engine on them, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m eval.ingest_bench", description=__doc__)
    parser.add_argument("--documents", type=int, default=200, help="how many (default: 200)")
    parser.add_argument("--sentences", type=int, default=30, help="in each of them (default: 30)")
    parser.add_argument("--one", nargs=3, metavar=("ENGINE", "CPUS", "FOLDER"), help="one run")
    options = parser.parse_args()
    if options.one:
        engine, cpus, folder = options.one
        print(json.dumps(asdict(measure_one(engine, int(cpus), Path(folder)))))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        write_documents(Path(folder), options.documents, options.sentences)
        figures = []
        for engine, cpus in ENGINES:
            print(f"ingest bench: {engine}, {cpus}", file=sys.stderr)
            figures.append(measure(engine, cpus, Path(folder)))
    first = figures[0]
    print(
        f"{first.documents} documents, {first.passages} sentences; {cores()} cores, "
        f"{memory_gib():.0f} GiB; {datetime.now(UTC).date().isoformat()}.\n"
    )
    print(table(figures), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
