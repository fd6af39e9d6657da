"""Pay words: what the page to pay on says, in each language.

Owns the texts. Places are in braces. Does not own when each is used (`pay_pages`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from solvent.core.language import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWords:
    """A catalog of one language."""

    title: str
    for_whom: str
    invoice: str
    due: str
    amount: str
    total: str
    settled: str
    choose: str
    stored: str
    card: str
    first_card: str
    number: str
    elsewhere: str
    transfer: str
    anew: str
    first: str
    bot_label: str
    not_a_person: str
    too_often: str
    too_often_here: str
    part_title: str
    part_lacking: str
    part_script: str
    play: str
    nowhere: str
    pay: str
    credit: str
    paid_title: str
    paid: str
    action_title: str
    action: str
    go_on: str
    otherwise: str
    underway_title: str
    underway: str
    transfer_title: str
    transfer_then: str
    look_again: str
    failed: str
    returned: str
    again: str
    owed_changed: str
    wrong_number: str
    wrong_way: str
    unknown_title: str
    unknown: str
    expired_title: str
    expired: str
    busy_title: str
    busy: str
    foreign_title: str
    foreign: str


EN = PageWords(
    title="Pay what is owed",
    for_whom="For {name}",
    invoice="Invoice",
    due="Due",
    amount="Amount",
    total="Total",
    settled="Nothing is owed",
    choose="How do you want to pay?",
    stored="{label}, as on file",
    card="Another card",
    first_card="Card",
    number="Card number",
    elsewhere="{provider}: you confirm there",
    transfer="Bank transfer: you transfer the amount yourself",
    anew="Another card, wallet or bank account",
    first="Card, wallet or bank account",
    bot_label="I am a person",
    not_a_person="We could not make sure that you are a person. Nothing was taken. Please confirm it, and try again.",
    too_often="Too many payments were tried. Nothing was taken. Please wait an hour, or ask us for an invoice.",
    too_often_here="Too many payments were tried from your connection. Nothing was taken. Please try again in ten "
    "minutes.",
    part_title="How do you want to pay?",
    part_lacking="This cannot be loaded at the moment. Please try again, or pay in another way.",
    part_script="Paying in this way needs JavaScript. Please allow it, or pay in another way.",
    play="This is a test bank: no money moves. 4242 4242 4242 4242 succeeds, 4000 0025 0000 3155 asks you "
    "to confirm.",
    nowhere="Nothing can be paid on this page at the moment. Please ask us how to pay.",
    pay="Pay {amount}",
    credit="Of this, your account credit pays {amount}.",
    paid_title="Thank you",
    paid="Nothing is owed on this any more. There is nothing left for you to do.",
    action_title="One step is left",
    action="Your bank or wallet wants you to confirm the payment of {amount}. You come back here afterwards.",
    go_on="Continue to confirm",
    otherwise="Pay in another way",
    transfer_title="Please transfer {amount}",
    transfer_then="It is booked as soon as it has arrived. You can close this page.",
    underway_title="A payment is under way",
    underway="Its result is not known yet. It will not be taken twice: please wait, and do not pay in another way.",
    look_again="Look again",
    failed="Nothing was taken.",
    returned="The payment came when nothing was owed any more. It was not lost: you have it as credit, or "
    "get it back.",
    again="This form had been sent before, or was open for too long. Please check it and send it again.",
    owed_changed="What is owed has changed since you opened this page. Nothing was taken. Please look at it again, "
    "and pay then.",
    wrong_number="The card number must be 12 to 19 digits.",
    wrong_way="Please choose how to pay.",
    unknown_title="This link leads nowhere",
    unknown="It may have been cut off on its way. Please open it again from the message, whole.",
    expired_title="This link has ended",
    expired="Links to pay are good for a limited time. Please use the one in our newest message, or ask "
    "us for another.",
    busy_title="One moment, please",
    busy="There were many requests for this page. Please try again in a minute.",
    foreign_title="This was not sent from our page",
    foreign="Please open the link from the message and send the form there. Nothing was taken.",
)
DE = PageWords(
    title="Offenes bezahlen",
    for_whom="Für {name}",
    invoice="Rechnung",
    due="Fällig",
    amount="Betrag",
    total="Summe",
    settled="Nichts mehr offen",
    choose="Wie möchten Sie zahlen?",
    stored="{label}, wie hinterlegt",
    card="Mit einer anderen Karte",
    first_card="Mit einer Karte",
    number="Kartennummer",
    elsewhere="{provider}: Sie bestätigen dort",
    transfer="Überweisung: Sie überweisen den Betrag selbst",
    anew="Andere Karte, Wallet oder Bankverbindung",
    first="Karte, Wallet oder Bankverbindung",
    bot_label="Ich bin ein Mensch",
    not_a_person="Wir konnten nicht sicherstellen, dass Sie ein Mensch sind. Es wurde nichts eingezogen. Bitte "
    "bestätigen Sie es, und versuchen Sie es noch einmal.",
    too_often="Es wurden zu viele Zahlungen versucht. Es wurde nichts eingezogen. Bitte warten Sie eine Stunde, oder "
    "bitten Sie uns um eine Rechnung.",
    too_often_here="Über Ihren Internetanschluss wurden zu viele Zahlungen versucht. Es wurde nichts eingezogen. Bitte "
    "versuchen Sie es in zehn Minuten noch einmal.",
    part_title="Wie möchten Sie zahlen?",
    part_lacking="Das kann gerade nicht geladen werden. Bitte versuchen Sie es noch einmal, oder zahlen Sie anders.",
    part_script="So zu zahlen braucht JavaScript. Bitte erlauben Sie es, oder zahlen Sie anders.",
    play="Dies ist eine Testbank: Es fließt kein Geld. 4242 4242 4242 4242 gelingt, 4000 0025 0000 3155 "
    "verlangt eine "
    "Bestätigung.",
    nowhere="Auf dieser Seite kann im Moment nicht gezahlt werden. Bitte fragen Sie uns, wie Sie zahlen können.",
    pay="{amount} zahlen",
    credit="Davon zahlt Ihr Guthaben {amount}.",
    paid_title="Vielen Dank",
    paid="Hiervon ist nichts mehr offen. Sie müssen nichts weiter tun.",
    action_title="Ein Schritt fehlt noch",
    action="Ihre Bank oder Ihr Anbieter möchte, dass Sie die Zahlung von {amount} bestätigen. Danach "
    "kommen Sie hierher "
    "zurück.",
    go_on="Weiter zur Bestätigung",
    otherwise="Auf andere Weise zahlen",
    transfer_title="Bitte überweisen Sie {amount}",
    transfer_then="Das Geld wird gebucht, sobald es angekommen ist. Sie können diese Seite schließen.",
    underway_title="Eine Zahlung läuft",
    underway="Ihr Ergebnis steht noch nicht fest. Sie wird nicht doppelt eingezogen: Bitte warten Sie, "
    "und zahlen Sie "
    "nicht auf einem anderen Weg.",
    look_again="Noch einmal nachsehen",
    failed="Es wurde nichts eingezogen.",
    returned="Die Zahlung kam, als nichts mehr offen war. Sie ist nicht verloren: Sie haben sie als Guthaben oder "
    "bekommen sie zurück.",
    again="Dieses Formular wurde schon einmal gesendet oder war zu lange offen. Bitte prüfen Sie es, und "
    "senden Sie es "
    "noch einmal.",
    owed_changed="Was offen ist, hat sich geändert, seit Sie diese Seite geöffnet haben. Es wurde nichts eingezogen. "
    "Bitte sehen Sie es sich noch einmal an und zahlen Sie dann.",
    wrong_number="Die Kartennummer muss 12 bis 19 Ziffern haben.",
    wrong_way="Bitte wählen Sie, wie Sie zahlen möchten.",
    unknown_title="Dieser Link führt nirgendwohin",
    unknown="Vielleicht wurde er unterwegs abgeschnitten. Bitte öffnen Sie ihn noch einmal ganz aus der Nachricht.",
    expired_title="Dieser Link ist abgelaufen",
    expired="Links zum Zahlen gelten nur eine Zeit lang. Bitte nutzen Sie den aus unserer neuesten "
    "Nachricht, oder bitten "
    "Sie uns um einen neuen.",
    busy_title="Einen Moment, bitte",
    busy="Diese Seite wurde sehr oft aufgerufen. Bitte versuchen Sie es in einer Minute noch einmal.",
    foreign_title="Dies kam nicht von unserer Seite",
    foreign="Bitte öffnen Sie den Link aus der Nachricht, und senden Sie das Formular dort. Es wurde "
    "nichts eingezogen.",
)
PAGE_WORDS: Mapping[Language, PageWords] = {Language.EN: EN, Language.DE: DE}
