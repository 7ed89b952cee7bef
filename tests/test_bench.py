"""The table of the benchmarks page: what it says, and that it leaves the rest of the page alone."""

from eval.bench import HEADING, Figure, table, with_section


def test_the_benchmark_table_has_the_machine_and_replaces_its_own_section_only() -> None:
    section = table([Figure("cold", "2.00 s", "9 × warm")], "2025-01-02")
    assert "| cold | 2.00 s | 9 × warm |" in section
    assert "cores" in section
    assert "2025-01-02" in section
    page = f"# Benchmarks\n\n{HEADING}\n\nstale\n\n## Answers\n\nkept\n"
    once = with_section(page, section)
    assert "stale" not in once
    assert once.startswith("# Benchmarks\n\n" + section)
    assert once.endswith("\n## Answers\n\nkept\n")
    assert with_section(once, section) == once
    assert with_section("", section) == section
    assert with_section("# Page\n", section) == "# Page\n\n" + section
