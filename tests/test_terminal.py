from io import StringIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from assistant.terminal import print_wrapped


def test_korean_is_wrapped_by_the_columns_it_takes_and_quotes_stay_indented():
    out = StringIO()
    console = Console(file=out, force_terminal=True, width=24, color_system=None)
    print_wrapped(console, Text("방위비분담금 인상 요구는 열 배까지 올라갔다."), indent=4)
    lines = out.getvalue().splitlines()
    assert len(lines) > 1
    assert all(line.startswith("    ") and cell_len(line) <= 24 for line in lines)
