"""Draw which of our modules imports which: `make graph` writes docs/modules.svg.

Reads the imports of our own code without running any of it; tests/test_layout.py judges them by the
same reading. So that a person can read the picture, an arrow that another way down already tells is
left out, modules that share a subject stand as one box, and what a box uses of the packages beneath
stands in it, in their colour. A dashed arrow is an import within a function.
Needs Graphviz's `dot` (Debian: apt-get install graphviz); whether the picture is up to date is told
without, by the digest in it.
"""

import ast
import hashlib
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "modules.svg"
HEAVY = (
    "torch transformers sentence_transformers gradio chromadb kiwipiepy langchain_core "
    "langchain_chroma langchain_text_splitters langchain langchain_openai openai sklearn "
    "tokenizers typer scipy jinja2 ir_measures rapidfuzz"
).split()  # frameworks that cost a start its seconds
# Modules drawn as one box: those whose names begin so, and in one package those that share a word.
FOLDED = ("assistant.claim_", "eval.baselines", "index.training")
FOLDED_BY_WORD = "eval"
EVERYWHERE = ("types", "errors")  # nearly all modules import these; arrows to them say little
DOORS = ("app", "assistant.cli", "eval.cli")
GROUNDS = {  # title, ground and lines
    "eval": ("eval: how we know", "#f3eef8", "#6b4c94"),
    "assistant": ("assistant: what we say", "#fdf3e7", "#a85a12"),
    "prompts": ("", "white", "#6f7a2a"),
    "index": ("index: what we know", "#eaf2f8", "#2d6690"),
    "app": ("", "white", "#a85a12"),
}
# Which package stands on which: one broad arrow each; what a box uses of them stands in the box.
BELOW = (("eval", "assistant"), ("eval", "index"), ("assistant", "index"), ("assistant", "prompts"))


def module_files() -> Iterator[tuple[str, Path]]:
    """Our modules by their dotted names."""
    yield "app", ROOT / "app.py"
    for package in ("assistant", "eval", "index", "prompts"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


MODULES = dict(module_files())


@cache
def imports(module: str) -> frozenset[tuple[str, bool]]:
    """Every module that `module` imports, and whether at its own import (not in a function)."""
    found: set[tuple[str, bool]] = set()

    def names(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
            return
        if node.level:
            raise ValueError(f"{module} has a relative import; write the whole name.")
        for alias in node.names:
            whole = f"{node.module}.{alias.name}"
            yield whole if whole in MODULES else node.module or ""

    def walk(node: ast.AST, at_import: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import | ast.ImportFrom):
                found.update((name, at_import) for name in names(child))
            elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                for inner in child.body:
                    walk(ast.Module([inner], []), False)
            else:
                function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
                walk(child, at_import and not function)

    walk(ast.parse(MODULES[module].read_text(encoding="utf-8")), True)
    return frozenset(found)


def ours(module: str, *, at_import: bool = False) -> set[str]:
    """The modules of ours that `module` imports; with `at_import`, as soon as it is imported."""
    return {name for name, early in imports(module) if name in MODULES and (early or not at_import)}


def box(module: str) -> str:
    """The box that a module is drawn in."""
    for prefix in FOLDED:
        if module.startswith(prefix):
            return prefix
    package, _, name = module.partition(".")
    return f"{package}.{name.split('_')[0]}" if package == FOLDED_BY_WORD else module


def boxes() -> dict[str, list[str]]:
    """The modules of each box; packages that hold no code of their own are none."""
    found: dict[str, list[str]] = {}
    for module, path in MODULES.items():
        if path.stat().st_size and module != "assistant.__main__":
            found.setdefault(box(module), []).append(module)
    return found


def arrows(found: Mapping[str, list[str]]) -> dict[str, dict[str, bool]]:
    """What each box imports, and whether at import; without what is reached another way."""
    direct: dict[str, dict[str, bool]] = {}
    for name, modules in found.items():
        below = direct.setdefault(name, {})
        for module in modules:
            for other in sorted(ours(module)):
                if box(other) != name and box(other) in found:
                    early = other in ours(module, at_import=True)
                    below[box(other)] = early or below.get(box(other), False)

    @cache
    def reach(name: str) -> frozenset[str]:
        return frozenset(direct[name]).union(*map(reach, direct[name]))

    return {
        name: {
            other: early
            for other, early in below.items()
            if other.split(".")[-1] not in EVERYWHERE
            and not any(other in reach(between) for between in below if between != other)
        }
        for name, below in direct.items()
    }


def ground(name: str) -> str:
    """The package that a box stands in."""
    return name.split(".")[0]


def graph() -> str:
    """The graph in the words of Graphviz."""
    found = boxes()
    drawn = arrows(found)
    lines = [
        "digraph modules {",
        'graph [bgcolor=white fontname="Helvetica" ranksep=0.34 nodesep=0.14 newrank=true'
        " compound=true]",
        'node [shape=box style="rounded,filled" fillcolor=white fontname="Helvetica" fontsize=14'
        " height=0.3 margin=0.07]",
        "edge [arrowsize=0.6 penwidth=0.9]",
    ]
    for package, (title, pale, strong) in GROUNDS.items():
        own = [name for name in found if ground(name) == package]
        drawn_boxes = [
            f'"{name}" [label=<{_label(name, found[name], drawn[name])}> color="{strong}"'
            f" penwidth={2.5 if name in DOORS else 1}]"
            for name in own
        ]
        head = (
            f'subgraph cluster_{package} {{ label="{title}" labeljust=l fontsize=17 style='
            f'"rounded,filled" color="{pale}" fillcolor="{pale}" fontcolor="{strong}"'
        )
        lines += [head, *drawn_boxes, "}"] if title else drawn_boxes
        for name in own:
            lines += [
                f'"{name}" -> "{other}" [style={"solid" if early else "dashed"} color="{strong}"]'
                for other, early in sorted(drawn[name].items())
                if ground(other) == package or name == "app"
            ]
    lines += _stacked(found, drawn)
    return "\n".join([*lines, "}"])


def _stacked(
    found: Mapping[str, list[str]], drawn: Mapping[str, Mapping[str, bool]]
) -> Iterator[str]:
    """The broad arrows from package to package, which also hold them one above the other."""

    @cache
    def height(name: str) -> int:
        return 1 + max((height(o) for o in drawn[name] if ground(o) == ground(name)), default=0)

    tallest = {
        package: max((height(name), name) for name in found if ground(name) == package)[1]
        for package in GROUNDS
    }
    lowest = {}
    for package, name in tallest.items():
        while own := [o for o in drawn[name] if ground(o) == package]:
            name = max(own, key=height)
        lowest[package] = name
    yield "{rank=same " + " ".join(f'"{door}"' for door in DOORS) + "}"
    for package, foot in lowest.items():
        same = [f'"{package}.{n}"' for n in EVERYWHERE if f"{package}.{n}" in found]
        yield "{rank=same " + " ".join([f'"{foot}"', *same]) + "}"
    told = {o for name, below in drawn.items() for o in below if ground(o) == ground(name)}
    for upper, lower in BELOW:
        beside = (upper, lower) == ("eval", "assistant")
        tail = (tallest if beside else lowest)[upper]
        clip = f"ltail=cluster_{upper}" + (f" lhead=cluster_{lower}" if GROUNDS[lower][0] else "")
        clip += " constraint=false" if beside else ""
        yield (
            f'"{tail}" -> "{tallest[lower]}" [{clip} penwidth=5 minlen=2 arrowsize=1 '
            f'color="{GROUNDS[upper][2]}60"]'
        )
        for name in found:  # what nothing of its own package imports would float to the top
            if not beside and ground(name) == lower and name not in told:
                yield f'"{lowest[upper]}" -> "{name}" [style=invis]'


def _label(name: str, modules: list[str], below: Mapping[str, bool]) -> str:
    """The box's name, its heavy frameworks, and what it uses of the packages beneath."""
    short = name if name in DOORS else name.partition(".")[2] or name
    if len(modules) > 1:
        short = f"{short.rstrip('_')} × {len(modules)}"
    tops = {other.split(".")[0] for module in modules for other, _ in imports(module)}
    notes = [("#a02040", sorted(tops & set(HEAVY)))]
    for package in ("assistant", "prompts", "index"):
        if package != ground(name) and name != "app":
            used = [o.rpartition(".")[2].rstrip("_") for o in sorted(below) if ground(o) == package]
            notes.append((GROUNDS[package][2], used))
    small = [
        f'<br/><font point-size="9" color="{colour}">{", ".join(words[at : at + 3])}</font>'
        for colour, words in notes
        for at in range(0, len(words), 3)
    ]
    return short + "".join(small)


def digest(graph: str) -> str:
    """What the picture of a graph carries, to be recognised by."""
    return f"<!-- drawn from {hashlib.sha256(graph.encode()).hexdigest()} -->"


def main() -> None:
    """Draw the picture."""
    words = graph()
    try:
        done = subprocess.run(["dot", "-Tsvg"], input=words, capture_output=True, text=True)
    except FileNotFoundError:
        sys.exit("There is no Graphviz here. Install it (Debian: apt-get install graphviz).")
    if done.returncode:
        sys.exit(f"dot could not draw the graph: {done.stderr}")
    PICTURE.write_text(done.stdout + digest(words) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
