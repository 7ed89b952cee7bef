"""Scanned PDFs: pages as grey pictures with noise, a slight turn and uneven light.

With `layer` the words lie invisibly over the picture, as software for scanners leaves them, one
word in two hundred misread. The pictures come from pdfium: the same build gives the same bytes.
"""

import io
from collections.abc import Callable
from random import Random
from typing import Any

from eval.folder_sources import Source
from eval.folder_typeset import typeset

DPI = 200
QUALITY = 50
MISREAD = 0.005  # of the words of a layer
ALIKE = {"0": "O", "1": "l", "5": "S", "가": "기", "를": "롤", "은": "온", "rn": "m"}


def scanned(source: Source, style: str, random: Random) -> bytes:
    """The source as pictures of pages; the style is how it is set, `+layer` adds a text layer."""
    import pypdfium2
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    layout, _, layer = style.partition("+")
    pdf = typeset(source, layout, random)
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    canvas.setCreator("ScanStation 3.1")
    for number, page in enumerate(pypdfium2.PdfDocument(pdf)):
        size = page.get_size()
        canvas.setPageSize(size)
        picture = _aged(page.render(scale=DPI / 72, grayscale=True).to_pil(), random, bool(layer))
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=QUALITY)
        file.seek(0)
        canvas.drawImage(ImageReader(file), 0, 0, *size)
        if layer:
            _layer(canvas, pdf, number, source, random)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _aged(picture: Any, random: Random, straight: bool) -> Any:
    import numpy as np
    from PIL import Image

    if not straight:
        angle = random.uniform(0.3, 0.8) * random.choice((-1, 1))
        picture = picture.rotate(angle, resample=Image.Resampling.BICUBIC, fillcolor=255)
    noise = np.random.default_rng(random.getrandbits(32))
    grey = np.asarray(picture, dtype=np.float32)
    light = np.linspace(-8, 4, grey.shape[1], dtype=np.float32)[None, :]
    grey = grey * 0.93 + 8 + light + noise.normal(0, 7, grey.shape).astype(np.float32)
    specks = noise.random(grey.shape) < 0.00015
    grey[specks] = 60
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))


def _layer(canvas: Any, pdf: bytes, number: int, source: Source, random: Random) -> None:
    import pdfplumber

    font = "HYSMyeongJo-Medium" if source.lang == "ko" else "Times-Roman"
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        page = document.pages[number]
        for word in page.extract_words(use_text_flow=True):
            text = _misread(word["text"]) if random.random() < MISREAD else word["text"]
            size = word["bottom"] - word["top"]
            line = canvas.beginText(word["x0"], float(page.height) - word["bottom"] + size * 0.2)
            line.setFont(font, size)
            line.setTextRenderMode(3)
            line.textOut(text + " ")
            canvas.drawText(line)


def _misread(word: str) -> str:
    for right, wrong in ALIKE.items():
        if right in word:
            return word.replace(right, wrong, 1)
    return word


MAKERS: dict[str, Callable[[Source, str, Random], bytes]] = {"scanned": scanned}
