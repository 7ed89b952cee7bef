"""XML from strangers: parsed without entities, without a network, within limits on depth and size.

Elements and attributes are asked for by their local names: DOCX and HWPX both come in several
editions that differ in their namespaces only.
"""

import re
from pathlib import Path

from lxml import etree

from index.parse.archive import Archive
from index.parse.errors import bomb, damaged, shown

MOST_ELEMENTS = 5_000_000  # of one part


def read_xml(archive: Archive, name: str) -> etree._Element:
    """The tree of a zip's member."""
    return parse_xml(archive.read(name), archive.path, name)


def parse_xml(data: bytes, path: Path, name: str) -> etree._Element:
    """The tree of one XML part; entities are refused, for no real document of ours has any."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        reason = str(error).lower()
        if "entity" in reason or "amplification" in reason or "huge" in reason or "depth" in reason:
            raise bomb(path, f"{shown(name)} nests without end") from error
        raise damaged(path, f"its part {shown(name)} is not whole XML") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise bomb(path, f"{shown(name)} declares entities of its own")
    if sum(1 for _ in zip(range(MOST_ELEMENTS + 1), root.iter(), strict=False)) > MOST_ELEMENTS:
        raise bomb(path, f"{shown(name)} has more than {MOST_ELEMENTS:,} elements")
    return root


def local(element: etree._Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def attribute(element: etree._Element, name: str) -> str:
    """The value of an attribute, whatever its namespace; empty where there is none."""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return ""


def number(text: str, otherwise: int) -> int:
    """A whole number as written in an attribute, or `otherwise` where it is none."""
    return int(text) if re.fullmatch(r"-?\d{1,9}", text, re.ASCII) else otherwise


def is_on(element: etree._Element) -> bool:
    """Whether a switch such as <w:b/> is on; without a value it is."""
    return attribute(element, "val") not in ("0", "false", "off")
