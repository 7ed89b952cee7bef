"""A page with the cited words marked: on PDFs whose words stand where the test put them."""

import io
from dataclasses import replace

import numpy as np
import pytest
from passages import passage
from PIL import Image, ImageDraw
from printed_pages import HEIGHT, WIDTH, Line, boxes_of, printed, text_of, turned

from index.errors import CiteBriefError
from index.page import Mark, PagePart, is_pdf, marked_page, page_parts, passage_boxes
from index.parse.content import Box

LINES = (
    Line("미국은 2024년에 1,830억 달러를 지원했다. 유럽은 더 냈다.", 40, 60),
    Line("The United States gave $183 billion. Europe", 40, 80),
    Line("gave even more to the war, officials say.", 40, 100),
    Line("“한미 동맹은", 40, 280),
    Line("더 굳건해질 것이다.” 그는 말했다.", 40, 40, page=2),
)
PLACES = {  # sentence -> its rectangles as printed: page, from x, to x, base line
    "유럽은 더 냈다.": [
        (1, LINES[0], "미국은 2024년에 1,830억 달러를 지원했다. ", "유럽은 더 냈다.")
    ],
    "The United States gave $183 billion.": [
        (1, LINES[1], "", "The United States gave $183 billion.")
    ],
    "Europe gave even more to the war, officials say.": [
        (1, LINES[1], "The United States gave $183 billion. ", "Europe"),
        (1, LINES[2], "", "gave even more to the war, officials say."),
    ],
    "“한미 동맹은 더 굳건해질 것이다.”": [
        (1, LINES[3], "", "“한미 동맹은"),
        (2, LINES[4], "", "더 굳건해질 것이다.”"),
    ],
}


def cited(quote, lines=LINES):
    start = text_of(lines).index(quote)
    return passage(quote, char_start=start, char_end=start + len(quote), page=1)


def pages(pdf, quote, lines=LINES, boxes=None):
    parts = page_parts(boxes_of(lines) if boxes is None else boxes, cited(quote, lines))
    return [marked_page(pdf, part) for part in parts]


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def yellow(image):
    """Where the image has the marker's colour."""
    return (image[..., 0] - image[..., 2]) > 60


@pytest.mark.parametrize("quote", PLACES)
def test_the_mark_covers_the_words_of_the_quote_and_nothing_else(quote):
    from printed_pages import width

    shown = pages(printed(LINES), quote)
    assert [image.page for image in shown] == sorted({place[0] for place in PLACES[quote]})
    for image in shown:
        inside = np.zeros((image.height, image.width), dtype=bool)
        allowed = inside.copy()
        for _, line, before, words in (p for p in PLACES[quote] if p[0] == image.page):
            x0, x1 = line.x + width(before), line.x + width(before + words)
            top, bottom = (line.y - 8) * 2, line.y * 2
            inside[round(top) : round(bottom), round(x0 * 2 + 4) : round(x1 * 2 - 14)] = True
            allowed[round(top - 14) : round(bottom + 14), round(x0 * 2 - 8) : round(x1 * 2 + 8)] = 1
        colours = pixels(image.png)
        ink = colours.max(axis=2) < 120
        assert (yellow(colours) | ink)[inside].mean() > 0.9
        assert yellow(colours)[inside].mean() > 0.5
        assert not yellow(colours)[~allowed].any()


def test_the_words_under_the_mark_stay_as_dark_as_they_were():
    quote = "The United States gave $183 billion."
    (marked,) = pages(printed(LINES), quote)
    (bare,) = pages(printed(LINES), quote, boxes=[])
    assert marked.marks and not bare.marks
    before, after = pixels(bare.png), pixels(marked.png)
    ink = before.max(axis=2) < 60
    assert (after[ink].max(axis=1) < 90).mean() > 0.99


def test_the_mark_has_a_line_around_it_that_is_seen_without_colour():
    (image,) = pages(printed(LINES), "The United States gave $183 billion.")
    grey = pixels(image.png).mean(axis=2)
    (mark,) = image.marks
    middle = round((mark.top + mark.bottom) / 2 * image.height)
    left = round(mark.x0 * image.width)
    assert grey[middle, left - 3 : left].min() < 110


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, (20, 30, 390, 280)])
def test_turned_and_cropped_pages_are_marked_as_they_are_shown(rotate, crop):
    left, bottom, right, top = crop or (0, 0, WIDTH, HEIGHT)
    cut = HEIGHT - top
    boxes = [
        replace(box, x0=box.x0 - left, x1=box.x1 - left, top=box.top - cut, bottom=box.bottom - cut)
        for box in boxes_of(LINES)
    ]
    quote = "gave even more to the war, officials say."
    (image,) = pages(turned(printed(LINES), rotate, crop), quote, boxes=boxes)
    assert (image.width, image.height) == (2 * (right - left), 2 * (top - bottom))
    (mark,) = image.marks
    assert mark.x0 * (right - left) == pytest.approx(boxes[2].x0, abs=2)
    assert mark.x1 * (right - left) == pytest.approx(boxes[2].x1, abs=2)
    colours = pixels(image.png)
    middle = colours[round(2 * (boxes[2].top + 3)), round(2 * boxes[2].x0) :]
    assert yellow(middle[: round(2 * (boxes[2].x1 - boxes[2].x0)) - 4]).mean() > 0.5
    assert not yellow(colours[: round(2 * boxes[2].top - 6)]).any()


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_lines_of_pages_that_are_shown_turned_are_marked_along_their_way(rotate):
    pdf = turned(printed(LINES), rotate, upright=False)
    quote = "gave even more to the war, officials say."
    (image,) = pages(pdf, quote)
    assert image.marks == ()  # there are other words where they would be upright
    turn = {
        90: lambda x, y: (HEIGHT - y, x),
        180: lambda x, y: (WIDTH - x, HEIGHT - y),
        270: lambda x, y: (y, WIDTH - x),
    }[rotate]
    box = boxes_of(LINES)[2]
    (xa, ya), (xb, yb) = turn(box.x0, box.top), turn(box.x1, box.bottom)
    box = replace(box, x0=min(xa, xb), x1=max(xa, xb), top=min(ya, yb), bottom=max(ya, yb))
    image = marked_page(pdf, PagePart(1, (box,), quote))
    (mark,) = image.marks
    wide, high = image.width / 2, image.height / 2
    assert (mark.x0 * wide, mark.x1 * wide) == pytest.approx((box.x0, box.x1), abs=3)
    assert (mark.top * high, mark.bottom * high) == pytest.approx((box.top, box.bottom), abs=3)


@pytest.mark.parametrize(
    ("printed_line", "quote"),
    [
        ("미국은 1,830억 달러를 지원했다.6", "미국은 1,830억 달러를 지원했다."),
        ("미국은3) 1,830억 달러를12 지원했다.", "미국은 1,830억 달러를 지원했다."),
        ("The states12 agreed on infor-", "The states agreed on infor"),
        ("‘한미동맹’ 강화", "‘한미 동맹’ 강화"),
    ],
)
def test_numbers_of_footnotes_hyphens_and_spaces_do_not_keep_it_from_being_marked(
    printed_line, quote
):
    line = Line(quote, 40, 60, printed=printed_line)
    (image,) = pages(printed([line]), quote, [line])
    assert len(image.marks) == 1


@pytest.mark.parametrize(
    "said",
    ["미국은 1,830억 달러를 거절했다.", "미국은 1,930억 달러를 지원했다.", "완전히 다른 문장"],
)
def test_a_page_with_other_words_there_is_shown_without_a_mark(said):
    line = Line("미국은 1,830억 달러를 지원했다.", 40, 60, printed=said)
    (image,) = pages(printed([line]), line.text, [line])
    assert image.marks == ()
    assert not yellow(pixels(image.png)).any()


def test_the_same_words_elsewhere_on_the_page_are_not_marked():
    here, there = Line("지원이 늘었다.", 40, 60, printed="-"), Line("지원이 늘었다.", 40, 200)
    (image,) = pages(printed([here, there]), "지원이 늘었다.", [here])
    assert image.marks == ()


def test_of_two_equal_sentences_on_a_line_the_cited_one_is_marked():
    line = Line("늘었다. 지원이 12,000,000달러 늘었다. 늘었다. 그러나 줄었다.", 40, 60)
    text = line.text
    start = text.rindex("늘었다.")
    second = passage("늘었다.", char_start=start, char_end=start + 4)
    (part,) = page_parts(boxes_of([line]), second)
    image = marked_page(printed([line]), part)
    from printed_pages import width

    for mark in image.marks:  # that one, or none
        assert mark.x0 * WIDTH == pytest.approx(40 + width(text[:start]), abs=3)


@pytest.mark.parametrize(("ink", "count"), [("black", 1), ("white", 0)])
def test_a_scan_is_marked_by_the_boxes_of_its_ocr_where_there_is_ink(ink, count):
    scan, picture = Image.new("RGB", (400, 300), "white"), io.BytesIO()
    ImageDraw.Draw(scan).rectangle((45, 42, 85, 50), fill=ink)
    scan.save(picture, "PDF")
    part = PagePart(1, (Box(0, 4, 1, 40, 40, 90, 52),), "한미동맹")
    marks = marked_page(picture.getvalue(), part).marks
    assert len(marks) == count
    for mark in marks:
        assert (mark.x0 * 400, mark.bottom * 300) == pytest.approx((39, 53), abs=1)


def test_a_passage_of_which_a_part_has_no_box_is_not_marked_in_part():
    boxes = [box for box in boxes_of(LINES) if box.top < 85]
    (image,) = pages(
        printed(LINES), "Europe gave even more to the war, officials say.", boxes=boxes
    )
    assert image.marks == ()


def test_boxes_of_words_on_a_line_become_one_and_those_of_columns_do_not():
    words = [
        Box(0, 2, 1, 10, 10, 30, 22),
        Box(3, 5, 1, 36, 10, 56, 22),
        Box(6, 8, 1, 300, 10, 320, 22),
        Box(9, 11, 1, 10, 30, 30, 42),
        Box(12, 14, 2, 34, 30, 60, 42),
    ]
    assert passage_boxes(words, 0, 14) == [
        Box(0, 5, 1, 10, 10, 56, 22),
        Box(6, 8, 1, 300, 10, 320, 22),
        Box(9, 11, 1, 10, 30, 30, 42),
        Box(12, 14, 2, 34, 30, 60, 42),
    ]
    assert passage_boxes(words, 1, 4) == [Box(1, 4, 1, 20, 10, 46, 22)]
    assert passage_boxes(words, 20, 30) == []


def test_a_passage_without_boxes_shows_its_page_without_a_mark():
    assert page_parts([], passage("문장.", page=3)) == [PagePart(3, (), "문장.")]


@pytest.mark.parametrize("size", [1, 14_400])
def test_the_image_of_a_page_of_any_size_stays_within_its_limit(size):
    from reportlab.pdfgen.canvas import Canvas

    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(size, size))
    canvas.showPage()
    canvas.save()
    image = marked_page(file.getvalue(), PagePart(1, (), ""))
    assert 1 <= image.width * image.height <= 12_100_000


def test_a_file_that_is_no_pdf_and_a_page_that_it_lacks_are_named():
    with pytest.raises(CiteBriefError, match=r"cannot be opened .* page 8"):
        marked_page(b"%PDF-1.7 nothing more", PagePart(8, (), ""))
    with pytest.raises(CiteBriefError, match=r"has 2 pages, and page 8"):
        marked_page(printed(LINES), PagePart(8, (), ""))


def test_a_pdf_is_told_by_its_first_bytes():
    assert is_pdf(b"\n%PDF-1.4 ...")
    assert not is_pdf(b"PK\x03\x04")
    assert not is_pdf(None)


def test_a_mark_is_told_in_fractions_of_the_page():
    (image,) = pages(printed(LINES), "유럽은 더 냈다.")
    (mark,) = image.marks
    assert isinstance(mark, Mark)
    assert 0 <= mark.x0 < mark.x1 <= 1
    assert 0 <= mark.top < mark.bottom <= 1
