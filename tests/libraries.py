"""A small library that tests write to disk: two languages, one edition, two pages."""

import json
from collections.abc import Mapping
from pathlib import Path

HARBOUR_KO = """\
# 항만 개발 보고서

부산항은 2030년까지 3조 원을 들여 확장된다. 컨테이너 처리량은 12% 늘어날 것으로 예상된다.

## 재원

정부가 비용의 절반을 부담한다. 나머지는 민간 기업이 맡는다.
\f## 환경

갯벌 350헥타르가 보호 구역으로 지정되었다. 어민들은 보상을 요구한다.
"""
HARBOUR_EN = {
    "부산항은 2030년까지 3조 원을 들여 확장된다.": (
        "Busan Port will be expanded by 2030 at a cost of 3 trillion won."
    ),
    "컨테이너 처리량은 12% 늘어날 것으로 예상된다.": (
        "Container throughput is expected to grow by 12%."
    ),
    "정부가 비용의 절반을 부담한다.": "The government bears half of the cost.",
    "나머지는 민간 기업이 맡는다.": "Private companies take on the rest.",
    "갯벌 350헥타르가 보호 구역으로 지정되었다.": (
        "350 hectares of tidal flats were made a protected area."
    ),
    "어민들은 보상을 요구한다.": "The fishers demand compensation.",
}
FOREST_EN = """\
Forest Policy

The U.S. Forest Service planted 2.5 million trees in 2023. Rule No. 3 limits logging near rivers. \
Losses to fire fell by 8.3% that year.

Funding

Congress approved $40 million for new roads. Critics say the roads will harm wildlife.
"""
TRAINS_KO = "고속철도 요금은 2025년에 5% 오른다. 노인 할인은 그대로 유지된다.\n"


def write_small_library(folder: Path) -> None:
    """Three documents: two Korean pages with an English edition, an English and a Korean file."""
    (folder / "harbour.md").write_text(HARBOUR_KO, encoding="utf-8")
    write_edition(folder / "harbour.en.jsonl", HARBOUR_EN)
    (folder / "harbour.yaml").write_text(
        "id: harbour\nfile: harbour.md\nedition: harbour.en.jsonl\n"
        "title: {ko: 항만 개발 보고서, en: Harbour Development Report}\n"
        "outline:\n"
        "  - {level: 1, ko: 항만 개발 보고서, en: Harbour Development Report}\n"
        "  - {level: 2, ko: 재원, en: Funding}\n"
        "  - {level: 2, ko: 환경, en: Environment}\n",
        encoding="utf-8",
    )
    (folder / "forest.txt").write_text(FOREST_EN, encoding="utf-8")
    (folder / "trains.txt").write_text(TRAINS_KO, encoding="utf-8")


def write_edition(path: Path, edition: Mapping[str, str]) -> None:
    """An aligned edition: a line for each sentence and its translation."""
    rows = [
        {"id": f"s{number}", "source": source, "target": target}
        for number, (source, target) in enumerate(edition.items(), start=1)
    ]
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text(lines + "\n", encoding="utf-8")
