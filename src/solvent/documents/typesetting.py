"""Typesetting: a document as a PDF file.

Owns the typesetting library and its settings: fonts, PDF/A-3, and that nothing but the document decides a byte of the
file, no clock, no font of the machine. Does not own words (`wording`) nor places (`invoice.typ`).
"""

import threading
from functools import cached_property, lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from solvent import __version__
from solvent.core.document import InvoiceDocument

if TYPE_CHECKING:
    import typst

_HERE = Path(__file__).parent
_TEMPLATE = _HERE / "invoice.typ"

# For archives, and tagged to be read aloud; an e-invoice may be attached to it.
ARCHIVAL: Final = "a-3a"
PLAIN: Final = "1.7"


class Typesetter:
    """Makes PDF files; safe for many threads, one file at a time. `fonts` is a folder with fonts for scripts that ours
    lack."""

    def __init__(self, fonts: Path | None = None) -> None:
        self._folders = [_HERE / "fonts", *([] if fonts is None else [fonts])]
        self._lock = threading.Lock()

    def tag(self, document: InvoiceDocument) -> str:
        """Another text whenever the file would be another; costs no typesetting."""
        return blake2b(_content(document), digest_size=12, key=self._maker).hexdigest()

    def invoice(self, document: InvoiceDocument) -> bytes:
        """An invoice as a PDF file: PDF/A-3, unless no font has one of its characters: it is printed as a box then."""
        from typst import TypstError  # noqa: PLC0415 - loading the library takes 0.1 s, and few processes print

        inputs = {"content": _content(document).decode()}
        with self._lock:
            try:
                return self._set(inputs, ARCHIVAL)
            except TypstError as error:
                if "could not be displayed" not in error.message:
                    raise
                return self._set(inputs, PLAIN)

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
        parts = [__version__.encode(), _TEMPLATE.read_bytes(), *(name.encode() for name in names)]
        return blake2b(b"\n".join(parts)).digest()


@lru_cache(maxsize=8)  # a request asks for the tag, and then for the file
def _content(document: InvoiceDocument) -> bytes:
    from solvent.documents.wording import content  # noqa: PLC0415 - as above

    return msgspec.json.encode(content(document))
