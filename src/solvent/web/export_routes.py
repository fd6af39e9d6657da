"""Export routes: the part of the table of endpoints that gives accountants files.

Owns their public names. Does not own what happens behind them (`handlers.exports`), nor the other routes (`routes`).
"""

from solvent.exporting.columns import What
from solvent.web.endpoint import Endpoint
from solvent.web.export_params import ExportQuery
from solvent.web.handlers import exports

_ABOUT = (
    f"`what` is one of {', '.join(What)}. The same figures as `solvent export`, of one moment. "
    "The file is whole before it is sent, so a download of another length than `Content-Length` was broken off. A few "
    "are made at once (503 otherwise)."
)

EXPORTS = (
    Endpoint(
        method="GET",
        path="/v1/exports/{what}.csv",
        name="exportCsv",
        tag="ledger",
        summary="Read journal, documents, payments or credit of a stretch of time as CSV",
        description=_ABOUT,
        run=exports.as_csv,
        query=ExportQuery,
        media="text/csv",
        answers={200: (bytes, "The file: RFC 4180, UTF-8, with a header.")},
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="GET",
        path="/v1/exports/{what}.parquet",
        name="exportParquet",
        tag="ledger",
        summary="Read the same as an Apache Parquet file",
        description=f"{_ABOUT} Refused where the server lacks the package for it (`solvent[parquet]`).",
        run=exports.as_parquet,
        query=ExportQuery,
        media="application/vnd.apache.parquet",
        answers={200: (bytes, "The file.")},
        problems=("not_found", "refused"),
    ),
)
