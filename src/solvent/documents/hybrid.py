"""Hybrid: a PDF file that says of itself which e-invoice it carries (Factur-X, ZUGFeRD).

Owns the metadata (XMP) by which readers find the e-invoice, and the library that puts them into a file. Does not own
the attachment itself, which typesetting makes (`invoice.typ`), nor the e-invoice (`cii`).
"""

from io import BytesIO

from pypdf import PdfWriter
from pypdf.generic import NameObject, StreamObject

FILE_NAME = "factur-x.xml"
_SPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"

_SAID = {
    "DocumentType": ("INVOICE", "What the embedded document is"),
    "DocumentFileName": (FILE_NAME, "The name of the embedded document"),
    "Version": ("1.0", "The version of the embedded document's standard"),
    "ConformanceLevel": ("EN 16931", "The profile of the embedded document"),
}

# PDF/A wants properties of one's own to be described beside the others that are.
_DESCRIBED = "".join(
    f'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>'
    "<pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category>"
    f"<pdfaProperty:description>{words}</pdfaProperty:description></rdf:li>"
    for name, (_, words) in _SAID.items()
)
_SCHEMA = (
    '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>'
    f"<pdfaSchema:namespaceURI>{_SPACE}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>"
    f"<pdfaSchema:property><rdf:Seq>{_DESCRIBED}</rdf:Seq></pdfaSchema:property></rdf:li>"
)
_VALUES = (
    f'<rdf:Description rdf:about="" xmlns:fx="{_SPACE}">'
    + "".join(f"<fx:{name}>{value}</fx:{name}>" for name, (value, _) in _SAID.items())
    + "</rdf:Description>"
)
_SCHEMAS_END, _ALL_END = "</rdf:Bag></pdfaExtension:schemas>", "</rdf:RDF>"


def announced(pdf: bytes) -> bytes:
    """The same file, which carries an e-invoice, with the metadata that announce it; no clock has a part in it."""
    writer = PdfWriter(clone_from=BytesIO(pdf))
    writer.pdf_header = "%PDF-1.7"
    stream = writer.root_object[NameObject("/Metadata")].get_object()
    assert isinstance(stream, StreamObject), "metadata are a stream"
    stream.set_data(_with_ours(stream.get_data().decode()).encode())
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _with_ours(xmp: str) -> str:
    for mark in (_SCHEMAS_END, _ALL_END):
        assert xmp.count(mark) == 1, f"the metadata of an archival file have {mark} once"
    return xmp.replace(_SCHEMAS_END, _SCHEMA + _SCHEMAS_END).replace(_ALL_END, _VALUES + _ALL_END)
