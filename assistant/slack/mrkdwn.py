"""Text that Slack shows as it is: nothing in an answer, a quote or a file name can format or call.

Blocks carry what documents say as plain or rich text, which Slack does not parse. What remains is
the text of notifications (mrkdwn) and of streams (Markdown), for which Slack has no escape sign. So
that what it would parse stays text, each sign is replaced by its twin (`*` by U+2217), or parted
from its neighbour by a joiner that nobody sees and no word has within it.
"""

import re
import unicodedata

JOINER = "\u2060"  # of no width, and no white space to any parser
ELLIPSIS = "…"
# Signs that format wherever they stand; KS X 1001 has the third, so Korean fonts do.
TWINS = str.maketrans({"*": "\u2217", "`": "\u02cb", "~": "\u223c"})
UNDERLINE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")  # not within report_v2.pdf
UNDERLINE_TWIN = "\u02cd"
EMOJI = re.compile(r":(?=[^\s:]{1,100}:)")  # a custom one may have a Korean name
CALL = re.compile(r"[@#](?=\S)")  # @here, @channel, #general, and addresses of mail
SCHEME = re.compile(r"(?<=[A-Za-z0-9+.-]):(?=/|\\)|(?i:(?<=mailto):|(?<=tel):|(?<=sms):)")
DOMAIN = re.compile(r"(?<=[^\W_])\.(?=[^\W\d_]{2})")  # example.com; not U.S., not 3.5
TAG = re.compile(r"&lt;(?=\S)")
LINE_START = re.compile(r"^( *)(?=[^\w\s\[({“”‘’\"'…«「『《〈]|\d{1,9}[.)])", re.M)
LINK = re.compile(r"\](?=[(\[:])")
BACKSLASH = re.compile(r"\\(?=[!-/:-@\[-`{-~\n]|$)")
ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))
BREAKS = re.compile(r"\r\n?|[\u2028\u2029\x85\v\f]")
UNSEEN = frozenset({"Cc", "Cf", "Cs"})  # categories: controls, formats, surrogates
MARKER = re.compile(r"\[\d+(?:\s*,\s*\d+)*\]")


def shown(text: str) -> str:
    """`text` without what nobody sees and what no JSON can carry; only a line feed ends a line."""
    lines = BREAKS.sub("\n", text).replace("\t", " ")
    return "".join(c for c in lines if c == "\n" or unicodedata.category(c) not in UNSEEN)


def escape(text: str) -> str:
    """`text` for a field that Slack reads as mrkdwn: the text of a message and its notification."""
    plain = _inline(text)
    return LINE_START.sub(r"\1" + JOINER, plain)


def escape_markdown(text: str) -> str:
    """`text` for a field that Slack reads as Markdown: what a stream appends."""
    lines = "\n".join(line.strip() for line in shown(text).split("\n"))
    plain = BACKSLASH.sub(lambda found: found[0] + JOINER, _inline(lines))
    joined = LINK.sub("]" + JOINER, plain)
    return LINE_START.sub(r"\1" + JOINER, joined)


def _inline(text: str) -> str:
    plain = shown(text).translate(TWINS)
    plain = UNDERLINE.sub(UNDERLINE_TWIN, plain)
    plain = SCHEME.sub(":" + JOINER, plain)
    plain = EMOJI.sub(":" + JOINER, plain)
    plain = CALL.sub(lambda found: found[0] + JOINER, plain)
    plain = DOMAIN.sub("." + JOINER, plain)
    for sign, entity in ENTITIES:
        plain = plain.replace(sign, entity)
    return TAG.sub("&lt;" + JOINER, plain)


def length(text: str) -> int:
    """How long Slack may hold `text` to be: in UTF-16 units, which are never fewer than ours."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, most: int) -> str:
    """`text` in at most `most` units; what is cut off is told by … at the end of a word."""
    if length(text) <= most:
        return text
    return _upto(text, most - 1).rstrip() + ELLIPSIS


def pieces(text: str, most: int) -> list[str]:
    """`text` in pieces of at most `most` units each, broken at white space and in no marker."""
    found = []
    while length(text) > most:
        piece = _upto(text, most)
        found.append(piece.rstrip())
        text = text[len(piece) :].lstrip()
    return [piece for piece in (*found, text) if piece] or [""]


def _upto(text: str, most: int) -> str:
    """The longest beginning of at most `most` units that ends well, or at worst at a letter."""
    end, units = 0, 0
    while end < len(text) and (units := units + length(text[end])) <= most:
        end += 1
    if end == len(text):
        return text
    space = max(text.rfind(" ", 0, end), text.rfind("\n", 0, end))
    if space > end // 2:
        end = space + 1
    for found in MARKER.finditer(text, max(0, end - 40)):
        if found.start() < end < found.end() and found.start() > 0:
            end = found.start()
    while end > 1 and unicodedata.combining(text[end]):  # a letter keeps what stands over it
        end -= 1
    return text[:end]
