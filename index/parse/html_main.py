"""Tell a web page's own text from what surrounds it: menus, banners, sidebars, lists of links.

First what its elements are and how they are named, in the ways of Korean and other sites; then, of
the candidates for the main text, the one that holds most of what is left. Nothing is learned.
Not covered: pages whose text is nowhere marked and stands among as much text of others.
"""

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree

_OUT = frozenset(
    "script style noscript template svg canvas head nav footer aside button select option input "
    "textarea iframe object embed audio video map dialog rt rp datalist frameset applet".split()
)
_OUT_ROLES = frozenset(
    "navigation banner contentinfo complementary search dialog alertdialog menu menubar "
    "toolbar tablist".split()
)
_OUT_NAMES = re.compile(
    r"^(?:.*cookie.*|.*consent.*|gdpr.*|gnb.*|lnb.*|snb.*|fnb.*|tnb.*|.*breadcrumb.*|location|path|"
    r"site-?map|.*side-?bar.*|aside|quick.*|(?:.*[_-])?sns(?:[_-].*)?|.*share.*|social.*|related.*|"
    r"recommend.*|comments?|reply.*|advert.*|ads?|ad-.*|banner.*|.*pop-?up.*|modal.*|skip.*|"
    r"pagination|paging|paginate|page-?nav.*|prev-?next|footer.*|.*-footer|foot|copyright|"
    r"(?:site|page|main|global|top)-?header|navbar.*|nav|.*[_-]nav|nav[_-].*|menu|.*[_-]menu|"
    r"util|utility|toolbar|btn.*|blind|sr-only|visually-hidden|screen-?reader.*|hidden|hide|"
    r"satisfaction.*|survey.*|subscribe.*|newsletter.*|tags?|toc|print-?only|noprint|koglnew.*)$",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_MAIN_NAMES = re.compile(
    r"^(?:contents?|main|main-?content|.*article-?(?:body|content|view|text).*|.*news-?(?:body|text|end).*|"
    r"(?:view|board|bbs)[_-]?(?:cont|contents?|view|body|area|text)|.*post-?(?:body|content).*|"
    r"entry-?content|page-?content|body-?content|story-?body|content-?(?:body|area|view|main)|"
    r".*cont-?(?:view|body|area)|sub-?contents?|bodytext|read-?body)$",
    re.IGNORECASE,
)
MOST_CANDIDATES = 50
LEAST_SHARE = 0.5  # of the page's words that the main text must hold to be believed
MOST_LINKED = 0.7  # share of linked letters from which a list or division is a menu


def is_left_out(element: etree._Element) -> bool:
    """Whether an element is no part of what a reader came for, by what it is or is named."""
    tag = element.tag
    if not isinstance(tag, str) or tag in _OUT:
        return True
    if tag in ("html", "body", "main", "article"):
        return False
    get = element.get
    if get("hidden") is not None or get("aria-hidden") == "true" or get("role") in _OUT_ROLES:
        return True
    style = get("style")
    if style and _HIDDEN.search(style):
        return True
    if tag == "header" and not any(True for _ in element.iterancestors("article", "main")):
        return not any(True for _ in element.iter("h1"))
    names = f"{get('id') or ''} {get('class') or ''}"[:300].split()
    if any(_OUT_NAMES.match(name.replace("_", "-")) or _OUT_NAMES.match(name) for name in names):
        return not any(True for _ in element.iter("main", "article", "h1"))
    if tag == "table" and sum(1 for _ in islice(element.iter("tr"), 2)) > 1:
        return False
    return tag in ("ul", "ol", "div", "dl", "p", "table") and _is_menu(element)


def main_element(root: etree._Element) -> etree._Element:
    """The element that holds the page's own text; the whole body where none stands out."""
    body = next(root.iter("body"), root)
    whole = _letters(body)
    best, least = body, 0.0
    for element in islice(_candidates(body), MOST_CANDIDATES):
        letters = _letters(element)
        # Of candidates inside each other, the innermost that still holds nearly everything.
        if letters >= LEAST_SHARE * whole and letters >= 0.95 * least:
            best, least = element, max(least, float(letters))
    return best


def headline(root: etree._Element, main: etree._Element) -> etree._Element | None:
    """The page's only headline, where it stands outside of its main text."""
    found = [e for e in islice(root.iter("h1"), 20) if not _is_left_out_within(e)]
    if len(found) != 1 or any(True for _ in main.iter("h1")):
        return None
    return found[0]


def _is_left_out_within(element: etree._Element) -> bool:
    """Whether an element or one that it stands in is left out."""
    return any(is_left_out(e) for e in (element, *islice(element.iterancestors(), 300)))


def _candidates(body: etree._Element) -> Iterator[etree._Element]:
    for element in islice(body.iter("main", "article", "section", "div", "td"), 5_000):
        if element.tag in ("main", "article") or element.get("role") == "main":
            yield element
            continue
        names = f"{element.get('id') or ''} {element.get('class') or ''}"[:300].split()
        if any(_MAIN_NAMES.match(name.replace("_", "-")) for name in names):
            yield element


def _letters(element: etree._Element) -> int:
    """Letters that a reader sees in an element, menus and the like left out."""
    total = 0
    stack = [element]
    while stack:
        one = stack.pop()
        total += len((one.text or "").strip())
        for child in one:
            total += len((child.tail or "").strip())
            if not is_left_out(child):
                stack.append(child)
    return total


def _is_menu(element: etree._Element) -> bool:
    """Whether an element is mostly links, three or more and short ones."""
    links = [link for _, link in zip(range(200), element.iter("a"), strict=False)]
    if len(links) < 3 or any(e is not element for e in element.iter("table", "h1", "h2")):
        return False
    linked = sum(len("".join(map(str, link.itertext())).strip()) for link in links)
    if linked >= 60 * len(links):
        return False
    whole = 0
    for text in element.itertext():
        whole += len(str(text).strip())
        if linked < MOST_LINKED * whole:
            return False
    return True
