"""What quotation marks are, in both languages, and what stands between them."""

import re

MARKS = "\"'“”‘’「」『』«»"

# Words in a pair of marks, none of its kind between them: these can be looked up. Straight single
# marks quote 이른바 '관문'은, but not the fishers' boats.
QUOTED_WORDS = re.compile(
    r"“([^“”]+)”|\"([^\"]+)\"|「([^「」]+)」|『([^『』]+)』|«([^«»]+)»|"
    r"‘([^‘’]+)’(?![a-z])|(?<![A-Za-z0-9])'([^']+)'(?![A-Za-z0-9])"
)
# Somebody's words, in which there may be an apostrophe: ‘it’s over’.
QUOTED_SPEECH = re.compile(
    r"“([^”]+)”|\"([^\"]+)\"|「([^」]+)」|『([^』]+)』|(?<!\w)[‘'](.+?)[’'](?![a-z])"
)


def inside(match: re.Match[str]) -> str:
    """What a match of either has between its marks."""
    return next(group for group in match.groups() if group)
