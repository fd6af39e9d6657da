"""Paper: a money document as a file that a browser shows.

Owns the answer's headers. Does not own the file (`documents`), nor who may see it.
"""

from solvent.documents.typesetting import Document
from solvent.web.endpoint import Reply
from solvent.web.pages.layout import security_headers
from solvent.wiring import Solvent


def paper(solvent: Solvent, document: Document) -> Reply:
    """The file, named by its number; without a policy for pages, because its viewer is the browser's own."""
    name = ("content-disposition", f'inline; filename="{document.number}.pdf"')
    headers = [header for header in security_headers() if header[0] != "content-security-policy"]
    return Reply(solvent.typesetter.pdf(document), 200, [*headers, name], "application/pdf")
