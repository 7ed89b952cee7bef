"""The project's shape: imports point down, a framework has one home, starting is cheap."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.module_graph import HEAVY, MODULES, imports, ours

ROOT = Path(__file__).parent.parent
# What the modules of each package may import of ours.
BELOW = {
    "index": {"index"},
    "prompts": {"prompts"},
    "assistant": {"assistant", "index", "prompts"},
    "eval": {"eval", "assistant", "index", "prompts"},
    "app": {"assistant", "index", "prompts"},
}
FRONT_DOORS = {
    "app",
    "assistant.slack.serve",
    "assistant.cli",
    "assistant.__main__",
    "assistant.web.serving",
    "eval.baselines.__main__",
    "eval.cli",
}
HOMES = {
    "kiwipiepy": {"index.morphology"},
    "Stemmer": {"index.morphology"},
    "sentencex": {"index.morphology"},
    "chromadb": {"index.chroma", "eval.baselines.quickstart"},
    "langchain_chroma": {"index.chroma", "eval.baselines.quickstart"},
    "sentence_transformers": {"index.models", "index.nli"},
    "tokenizers": {"index.models"},
    "safetensors": {"index.models", "index.translate"},
    "gradio": {"assistant.web"},
    "slack_bolt": {"assistant.slack"},
    "slack_sdk": {"assistant.slack"},
    "langchain": {"assistant.llm"},
    "langchain_core": {
        "index.chroma",
        "index.langchain",
        "eval.baselines.quickstart",
        "assistant.llm",
        "assistant.runnable",
        "assistant.write",
        "eval.judge",
        "eval.scripted",
    },
    "langchain_text_splitters": {"index.chunk", "eval.baselines.quickstart"},
    "rank_bm25": {"eval.baselines.whitespace_bm25"},
    "ray": {"index.cluster", "index.cluster_connection"},
    "psutil": {"eval.ingest_bench"},
    "rapidfuzz": {"index.typos", "eval.check_evidence", "eval.parsers"},
    "pypdf": {"eval.parsers"},
    "pdfminer": {"eval.parsers"},
    "huggingface_hub": {"index.model_files"},
    "httpx": {"eval.chat_load", "index.chroma"},
    "tenacity": {"assistant.llm", "index.chroma"},
    "ir_measures": {"eval.measures", "eval.retrieval"},
    "jinja2": {"eval.page"},
    "lxml": {
        "index.parse.docx",
        "index.parse.docx_styles",
        "index.parse.html",
        "index.parse.html_main",
        "index.parse.hwpx",
        "index.parse.xml",
    },
    "markdown_it": {"index.parse.markdown"},
    "scipy": {
        "eval.chance",
        "eval.compare_differences",
        "eval.fit_check",
        "eval.fit_inject",
        "eval.fit_verify",
    },
    "PIL": {
        "eval.folder_hostile",
        "eval.folder_scan",
        "index.page",
        "index.parse.ocr",
        "index.parse.pdf",
        "index.parse.pdf_pdfium",
    },
    "pebble": {"index.workers"},
    "starlette": {"assistant.slack.http", "assistant.web"},
    "fastapi": {"assistant.web"},
    "uvicorn": {"assistant.slack.serve", "assistant.web"},
    "prometheus_client": {"assistant.web"},
    "limits": {"assistant.web"},
    "structlog": {"assistant.web"},
    "mcp": {"assistant.web"},
    "python_multipart": {"assistant.web"},
    "bcrypt": {"assistant.accounts"},
    "typer": {
        "assistant.cli",
        "assistant.cli_check",
        "assistant.cli_feedback",
        "assistant.cli_library",
        "assistant.cli_slack",
        "assistant.cli_users",
        "assistant.cli_verify",
        "assistant.front_door",
        "eval.cli",
    },
    "reportlab": {
        "eval.folder_typeset",
        "eval.folder_scan",
        "eval.folder_hostile",
        "eval.ingest_bench",
    },
    "fpdf": {"assistant.export", "eval.folder_typeset", "eval.parser_press"},
    "pikepdf": {
        "eval.folder_hostile",
        "eval.folder_print",
        "eval.parser_encode",
        "eval.parser_pages",
    },
    "pypdfium2": {
        "eval.folder_print",
        "eval.folder_scan",
        "eval.parser_pages",
        "eval.parsers",
        "index.page",
        "index.parse.ocr",
        "index.parse.pdf_paint",
        "index.parse.pdf_pdfium",
    },
    "pdfplumber": {"eval.folder_scan", "eval.parsers"},
    "docx": {"assistant.export", "eval.folder_docx", "eval.ingest_bench"},
    "sqlalchemy": {
        "index.record.backup",
        "index.record.chats",
        "index.record.engine",
        "index.record.forgetting",
        "index.record.library",
        "index.record.lock",
        "index.record.migrate",
        "index.record.migrations.versions.0001_documents",
        "index.record.migrations.versions.0002_people",
        "index.record.migrations.versions.0003_slack",
        "index.record.people",
        "index.record.snapshot",
        "index.record.tables",
        "index.record.talks",
        "index.record.writer",
    },
    "alembic": {
        "index.record.migrate",
        "index.record.migrations.env",
        "index.record.migrations.versions.0001_documents",
        "index.record.migrations.versions.0002_people",
        "index.record.migrations.versions.0003_slack",
    },
}
FREE = "index.training."  # scripts that made what ships; nothing that runs imports them
# but this one, which measures on the rows that no script trained on
READS_DATA = ("eval.retrieval", "index.training.training_data")
NOT_OURS = {"build", "node_modules", "runs", "__pycache__"}


def test_the_walk_sees_the_project():
    assert {"app", "assistant.answer", "index.build", "eval.run", "prompts"} <= MODULES.keys()
    assert "assistant.cite" in ours("assistant.extract")
    assert ("gradio", False) in imports("assistant.web.blocks")
    assert ("numpy", True) in imports("assistant.rank")


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module):
    allowed = BELOW[module.split(".")[0]]
    above = {name for name in ours(module) if name.split(".")[0] not in allowed}
    assert not above, f"{module} imports {sorted(above)}"


@pytest.mark.parametrize("module", MODULES)
def test_nothing_imports_a_front_door(module):
    doors = ours(module) & FRONT_DOORS
    other_names = {"assistant.__main__": "assistant.cli", "app": "assistant.web.serving"}
    doors -= {other_names.get(module, "")}
    assert not doors, f"{module} imports {sorted(doors)}"


def test_no_import_leads_back_to_itself():
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join([*path, module])
        if module not in done:
            for below in sorted(ours(module)):
                if below != module:
                    visit(below, (*path, module))
            done.add(module)

    for module in MODULES:
        visit(module, ())


@pytest.mark.parametrize("module", MODULES)
def test_a_framework_is_imported_in_its_home_only(module):
    if module.startswith(FREE):
        return
    strays = {
        name
        for name, _ in imports(module)
        if (top := name.split(".")[0]) in HOMES
        and not any(f"{module}.".startswith(f"{home}.") for home in HOMES[top])
    }
    assert not strays, f"{module} imports {sorted(strays)}"


def test_nothing_that_runs_imports_the_training_scripts():
    users = [m for m in MODULES if not m.startswith("index.training")]
    found = {(m, name) for m in users for name in ours(m) if name.startswith("index.training")}
    assert found == {READS_DATA}


@pytest.mark.parametrize(
    ("module", "loaded"),
    [
        ("assistant.answer", ""),
        ("assistant.batch", ""),
        ("assistant.doctor", ""),
        ("eval.cli", "typer"),
    ],
)
def test_importing_the_assistant_or_its_measures_loads_no_framework(module, loaded):
    script = (
        f"import sys, {module}\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules], sep=',', end='')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == loaded


def text_files() -> Iterator[Path]:
    """The project's own files that are text, wherever they stand."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        hidden = any(p.startswith(".") and p != ".ci" for p in parts[:-1])
        made = NOT_OURS & set(parts[:-1]) or any(p.endswith(".egg-info") for p in parts)
        own = path.is_file() and path.name not in {".env", ".git"}  # .git is a file in a worktree
        if hidden or made or not own:
            continue
        if b"\0" not in path.read_bytes()[:4096]:
            yield path


def test_no_file_names_a_package_registry_or_a_place_on_one_machine():
    pattern = re.compile(  # a ~ in each word, so that this file passes its own test
        r"py~pi\.org|python~hosted\.|npm~js\.|anaconda~\.org|(?<!emit-)index~-url|"
        r"(?<![\w.<>/-])/(?:ho~me|ro~ot|wo~rk|Us~ers)/|[A-Z]:\\Us~ers".replace("~", "")
    )
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in text_files()
        for match in pattern.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_the_package_list_names_every_folder_of_code():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    listed = re.search(r"packages = \[(.*?)\]", text, re.DOTALL)
    assert listed
    packages = {m.rpartition(".")[0] or m for m in MODULES if m != "app"} - {""}
    assert packages == set(re.findall(r'"([\w.]+)"', listed[1]))
