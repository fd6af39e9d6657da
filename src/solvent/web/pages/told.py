"""Told: a problem as a page, for whoever asks with a browser where no page of its own says what went wrong.

Owns which problems are told so, to whom, and in which words. Does not own problems (`problems`), nor the pages of a
place that knows its visitor (the doors of portal and dashboard), which tell their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from solvent.core.language import Language
from solvent.web.endpoint import Reply
from solvent.web.pages.layout import Frame, page, spoken
from solvent.web.problems import Problem

API = "/v1/"
HTML = "text/html"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldWords:
    """A catalog of one language: heading and text of what is missing, malformed, down for a moment, and broken."""

    missing: tuple[str, str]
    malformed: tuple[str, str]
    unavailable: tuple[str, str]
    broken: tuple[str, str]
    portal: str


TOLD_WORDS: Mapping[Language, ToldWords] = {
    Language.EN: ToldWords(
        missing=("There is no such page", "Its address may have been cut off or mistyped."),
        malformed=(
            "This could not be read",
            "Something in the address or the form is not as it should be. Nothing was done.",
        ),
        unavailable=(
            "One moment, please",
            "We cannot answer just now. Please load this page again in a minute: nothing is paid twice.",
        ),
        broken=(
            "Something went wrong on our side",
            "Please load this page again: nothing is paid twice. If it stays so, tell us this:",
        ),
        portal="To your billing page",
    ),
    Language.DE: ToldWords(
        missing=("Diese Seite gibt es nicht", "Vielleicht ist ihre Adresse abgeschnitten oder vertippt."),
        malformed=(
            "Das war nicht zu lesen",
            "Etwas in der Adresse oder im Formular ist nicht, wie es sein soll. Es wurde nichts getan.",
        ),
        unavailable=(
            "Einen Moment, bitte",
            "Wir können gerade nicht antworten. Bitte laden Sie diese Seite in einer Minute noch einmal: "
            "Nichts wird doppelt bezahlt.",
        ),
        broken=(
            "Bei uns ist etwas schiefgegangen",
            "Bitte laden Sie diese Seite noch einmal: Nichts wird doppelt bezahlt. Wenn es dabei bleibt, "
            "nennen Sie uns dies:",
        ),
        portal="Zu Ihrer Abrechnung",
    ),
}


def told_on_page(problem: Problem, path: str, environ: Mapping[str, Any]) -> Reply | None:
    """The page; None: a program asks, or it is about the API, and the problem's own JSON says it."""
    accepted: str = environ.get("HTTP_ACCEPT", "")
    if path.startswith(API) or HTML not in accepted:
        return None
    # The dashboard speaks English to everybody.
    wished = spoken(environ.get("HTTP_ACCEPT_LANGUAGE"))
    language = Language.EN if path.startswith("/dashboard") else wished
    words = TOLD_WORDS[language]
    heading, text = _told(words, problem.status)
    content = {
        "heading": heading,
        "text": text,
        "detail": problem.detail if problem.code == "internal" else None,
        "link": _way_back(words, path),
    }
    return page(
        "told.html", Frame(language=language, title=heading), content, problem.status, problem.headers
    )


def _told(words: ToldWords, status: int) -> tuple[str, str]:
    match status:
        case 404 | 405:
            return words.missing
        case 503 | 409 | 429:
            return words.unavailable
        case _:
            return words.malformed if status < 500 else words.broken


def _way_back(words: ToldWords, path: str) -> tuple[str, str] | None:
    """Where a place begins that knows its visitors by itself."""
    ways = {"portal": words.portal, "dashboard": "To the dashboard"}
    place = path.split("/")[1] if path.startswith("/") else ""
    return (f"/{place}", ways[place]) if place in ways else None
