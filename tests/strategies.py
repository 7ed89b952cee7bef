"""What property tests draw from: Korean, English and mixed prose, amounts in many spellings, chaos.

The examples are the same on every machine and in every run (`steady`), so that a property that
fails fails for everybody.
"""

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import settings
from hypothesis import strategies as st

steady = settings(derandomize=True, deadline=None, max_examples=60)

# --- prose ----------------------------------------------------------------------------------------

korean_sentences = st.builds(
    "{} {} {}".format,
    st.sampled_from(["정부는", "국방부는", "NATO는", "트럼프(Trump)는", "새 의회는"]),
    st.sampled_from(
        ["동맹의 비용을", "방위비분담금을", "예산 1,830억 달러를", "통행료 12%를", "“미국 우선”을"]
    ),
    st.sampled_from(["늘렸다.", "줄일 것으로 예상된다.", "재검토해야 한다.", "요구했습니다!"]),
)
_english_sentences = st.builds(
    "{} {} {}".format,
    st.sampled_from(["The ministry", "Busan Port", "Senator Joan Miller", "The U.S. Navy", "It"]),
    st.sampled_from(
        ["raised", "is expected to cut", "should review", "did not change", "said it would drop"]
    ),
    st.sampled_from(
        [
            "the budget of $183 billion.",
            "tolls by 8.3% in 2023!",
            "the “America First” policy.",
            "Rule No. 3.",
            "its fleet of 350 ships.",
        ]
    ),
)
sentences = st.one_of(korean_sentences, _english_sentences)

# --- documents ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Written:
    """A plain document as typed: pages of sections, each a heading and paragraphs of sentences."""

    pages: tuple[tuple[tuple[str, tuple[tuple[str, ...], ...]], ...], ...]

    @property
    def text(self) -> str:
        """The file: form feeds between pages, blank lines between paragraphs."""
        pages = (
            "\n\n".join(
                f"# {heading}\n\n" + "\n\n".join(" ".join(p) for p in paragraphs)
                for heading, paragraphs in sections
            )
            for sections in self.pages
        )
        return "\f".join(pages) + "\n"

    @property
    def places(self) -> list[tuple[str, int, str]]:
        """Every sentence with the page that it stands on and the heading above it."""
        return [
            (sentence, number, heading)
            for number, sections in enumerate(self.pages, start=1)
            for heading, paragraphs in sections
            for paragraph in paragraphs
            for sentence in paragraph
        ]


_headings = st.sampled_from(["서론", "대(對) 중국 정책", "Outlook", "결론 및 제언", "Trump 2기"])
_paragraphs = st.lists(sentences, min_size=1, max_size=3).map(tuple)
_sections = st.tuples(_headings, st.lists(_paragraphs, min_size=1, max_size=2).map(tuple))
_pages = st.lists(_sections, min_size=1, max_size=2).map(tuple)
written = st.lists(_pages, min_size=1, max_size=3).map(tuple).map(Written)

# --- chaos ----------------------------------------------------------------------------------------

# Pieces that trip readers of text: marks, halves of letters, numbers cut short, signs of control.
_pieces = st.sampled_from(
    (
        "한 미 동맹 the of Trump’s U.S. 1,830 억 달러 $ 5% 제3 2018년 3.5.1 ,, "
        "만 billion 九 ٣ １２ ½ Ⅲ "
        "( ) [ ] [1] [[2]] [ 3] (출처: 】 ⟦2⟧ “ ” ‘ ’ \" ' 「 」 "
        "** __ ``` <b> {} | \\ # > - • 🚢 ⚠️ → … 。 "
        "다. 요? \n \t \r \f \x00 \x07 \x1b[31m \x85 \u200b \u2028 \u202e \ufeff "
        "e\u0301 \u1112\u1161\u11ab ㅋㅋ"
    ).split(" ")
)
chaos = st.one_of(
    st.lists(_pieces, max_size=25).map(" ".join),
    st.lists(_pieces, max_size=25).map("".join),
    st.text(max_size=60),
)
# Also halves of a pair of UTF-16, which JSON and terminals can bring.
broken = st.one_of(chaos, st.text(st.characters(), max_size=40))

# --- amounts --------------------------------------------------------------------------------------

_MYRIADS = {"": 1, "만": 10**4, "억": 10**8, "조": 10**12, "경": 10**16}
_THOUSANDS = {
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "quadrillion": 10**15,
}


def _decimal(value: Fraction) -> str:
    """`value` in digits with commas and, where it needs them, decimals."""
    whole, rest = divmod(value, 1)
    if not rest:
        return f"{whole:,}"
    digits = str(rest * 10**12 // 1).zfill(12).rstrip("0")
    return f"{whole:,}.{digits}"


def korean_spellings(value: int) -> list[str]:
    """The ways in which a Korean text may write `value`, which is 10,000 or more."""
    groups = [
        f"{group:,}{name}"
        for name, scale in reversed(_MYRIADS.items())
        if (group := value // scale % 10_000)
    ]
    scaled = [
        f"{_decimal(Fraction(value, scale))}{name}"
        for name, scale in _MYRIADS.items()
        if scale > 1 and value * 10 >= scale and value * 1000 % scale == 0
    ]
    return ["".join(groups), " ".join(groups), "".join(groups).replace(",", ""), *scaled]


def english_spellings(value: int) -> list[str]:
    """The same for an English text."""
    scaled = [
        f"{_decimal(Fraction(value, scale))} {name}"
        for name, scale in _THOUSANDS.items()
        if value >= scale and value * 1000 % scale == 0
    ]
    return [f"{value:,}", str(value), *scaled]


# Up to four digits before a scale, as people write them: 1830 and 억, 15 and 10조.
amounts = st.builds(
    lambda digits, power: digits * 10**power, st.integers(1, 9999), st.integers(4, 15)
)
