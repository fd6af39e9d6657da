"""Typesetting: a document as a PDF file, which carries its e-invoice where there is one.

Owns the typesetting library and its settings: fonts, PDF/A-3, and that nothing but the document decides a byte of the
file, no clock, no font of the machine. Does not own words (`wording`, `credit_wording`), places (`invoice.typ`), nor
the e-invoice (`core.einvoice`, `cii`).
"""

import threading
from functools import cached_property, lru_cache
from hashlib import blake2b
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from solvent import __version__
from solvent.core.credit_document import CreditNoteDocument
from solvent.core.document import InvoiceDocument
from solvent.core.einvoice import of_document
from solvent.core.vat_category import NoEInvoice

if TYPE_CHECKING:
    import typst

_HERE = Path(__file__).parent
_TEMPLATE = _HERE / "invoice.typ"

# For archives, and tagged to be read aloud; an e-invoice may be attached to it.
ARCHIVAL: Final = "a-3a"
PLAIN: Final = "1.7"

Document = InvoiceDocument | CreditNoteDocument


class Typesetter:
    """Makes PDF files; safe for many threads, one file at a time. `fonts` is a folder with fonts for scripts that ours
    lack."""

    def __init__(self, fonts: Path | None = None) -> None:
        self._folders = [_HERE / "fonts", *([] if fonts is None else [fonts])]
        self._lock = threading.Lock()

    def tag(self, document: Document) -> str:
        """Another text whenever the file or the e-invoice would be another; costs no typesetting."""
        attached = _xml(document)
        parts = (_content(document), b"" if isinstance(attached, NoEInvoice) else attached)
        return blake2b(b"\n".join(parts), digest_size=12, key=self._maker).hexdigest()

    def einvoice(self, document: Document) -> bytes | NoEInvoice:
        """A document as XML by EN 16931, or why there is none."""
        return _xml(document)

    def pdf(self, document: Document) -> bytes:
        """A document as a PDF file: PDF/A-3 with its e-invoice, if it has one. Where no font has one of its characters,
        a box is printed, and the file is neither."""
        from typst import TypstError  # noqa: PLC0415 - loading the library takes 0.1 s, and few processes print

        from solvent.documents.hybrid import announced  # noqa: PLC0415 - as above

        content, attached = {"content": _content(document).decode()}, _xml(document)
        with self._lock:
            try:
                if isinstance(attached, NoEInvoice):
                    return self._set(content, ARCHIVAL)
                made = self._set(content | {"xml": attached.decode()}, ARCHIVAL)
            except TypstError as error:
                if "could not be displayed" not in error.message:
                    raise
                return self._set(content, PLAIN)
        return announced(made)

    def _set(self, inputs: dict[str, str], standard: Literal["a-3a", "1.7"]) -> bytes:
        made = self._compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=[standard], timestamp=0)
        assert isinstance(made, bytes), "a PDF is one file"
        return made

    @cached_property
    def _compiler(self) -> "typst.Compiler":
        import typst  # noqa: PLC0415 - as above

        fonts = typst.Fonts(include_system_fonts=False, font_paths=list(self._folders))
        return typst.Compiler(_TEMPLATE, font_paths=fonts)

    @cached_property
    def _maker(self) -> bytes:
        """What makes the file beside the document: this version, the template, and which fonts there are."""
        names = sorted(path.name for folder in self._folders for path in folder.iterdir())
        libraries = [f"{name} {metadata.version(name)}" for name in ("drafthorse", "pypdf", "typst")]
        parts = [
            __version__.encode(),
            _TEMPLATE.read_bytes(),
            *(name.encode() for name in [*libraries, *names]),
        ]
        return blake2b(b"\n".join(parts)).digest()


@lru_cache(maxsize=8)  # a request asks for the tag, and then for the file
def _content(document: Document) -> bytes:
    from solvent.documents import credit_wording, wording  # noqa: PLC0415 - as above

    if isinstance(document, InvoiceDocument):
        return msgspec.json.encode(wording.content(document))
    return msgspec.json.encode(credit_wording.content(document))


@lru_cache(maxsize=8)
def _xml(document: Document) -> bytes | NoEInvoice:
    einvoice = of_document(document)
    if isinstance(einvoice, NoEInvoice):
        return einvoice
    from solvent.documents.cii import xml  # noqa: PLC0415 - as above

    return xml(einvoice)
