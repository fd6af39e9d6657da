"""Words in German. Does not own when each is used (`composing`)."""

from solvent.core.messages import Kind
from solvent.core.payment import FailureCause
from solvent.messages.words import Words

WORDS = Words(
    greeting="Guten Tag {name},",
    subjects={
        Kind.PAYMENT_FAILED: "Rechnung {number} konnte nicht eingezogen werden",
        Kind.DUE: "Rechnung {number} ist fällig",
        Kind.REMINDER: "Erinnerung: Rechnung {number} ist noch offen",
        Kind.RESTRICTED: "Ihr Konto ist eingeschränkt, bis Rechnung {number} bezahlt ist",
        Kind.SUSPENDED: "Nach Verbrauch abgerechnete Dienste sind ausgesetzt",
        Kind.DOWNGRADED: "Ihre bezahlten Tarife leisten jetzt so viel wie der kostenlose",
        Kind.GIVEN_UP: "Ihr Abonnement ist beendet: Rechnung {number} wurde nicht bezahlt",
        Kind.FINANCE: "Unbezahlt: {name}, Rechnung {number}, {amount}",
        Kind.ISSUED: "Rechnung {number} von {sender}",
        Kind.SETTLED: "Vielen Dank: Rechnung {number} ist bezahlt",
        Kind.EXPIRING: "{label} läuft Ende {end} ab",
    },
    openings={
        Kind.PAYMENT_FAILED: (("Wir haben versucht, {amount} für die Rechnung {number} einzuziehen."),),
        Kind.DUE: ("Die Rechnung {number} über {amount} ist seit dem {due} fällig.",),
        Kind.REMINDER: (
            ("Die Rechnung {number} über {amount} ist seit dem {due} fällig und noch nicht bezahlt."),
        ),
        Kind.RESTRICTED: (
            (
                "Die Rechnung {number} über {amount} ist seit dem {due} "
                "fällig. Bis sie bezahlt ist, kann Ihr Konto nichts Neues "
                "kaufen und keinen höheren Tarif wählen."
            ),
            ("Was Sie haben, läuft vorerst weiter. Mit der Zahlung endet die Einschränkung sofort."),
        ),
        Kind.SUSPENDED: (
            (
                "Die Rechnung {number} über {amount} ist seit dem {due} "
                "fällig. Dienste, die nach Verbrauch abgerechnet werden, sind "
                "ausgesetzt, bis sie bezahlt ist."
            ),
            "Mit der Zahlung sind sie sofort wieder da.",
        ),
        Kind.DOWNGRADED: (
            (
                "Die Rechnung {number} über {amount} ist seit dem {due} "
                "fällig. Bis sie bezahlt ist, leisten Ihre bezahlten Tarife so "
                "viel wie der kostenlose."
            ),
            "Mit der Zahlung ist alles sofort wieder da.",
        ),
        Kind.GIVEN_UP: (
            (
                "Die Rechnung {number} wurde nicht bezahlt, obwohl sie seit "
                "dem {due} fällig ist. Wir haben das Abonnement, für das sie "
                "gestellt wurde, beendet; Ihr Konto kann nichts Neues kaufen."
            ),
            (
                "{amount} davon sind weiterhin geschuldet. Sobald sie bezahlt "
                "sind, können Sie gern neu beginnen."
            ),
        ),
        Kind.FINANCE: (
            ("{name} hat die Rechnung {number} über {amount} nicht bezahlt, die seit dem {due} fällig ist."),
            (
                "Die Leiter der Richtlinie hat die Stufe {rung} erreicht. Von "
                "selbst wird nichts gekündigt: Bitte entscheiden Sie, was "
                "geschehen soll."
            ),
        ),
        Kind.ISSUED: (("Anbei erhalten Sie die Rechnung {number} über {amount}, fällig am {due}."),),
        Kind.EXPIRING: (
            (
                "Die Zahlungsart {label}, mit der Sie {sender} bezahlen, gilt bis Ende {end}. "
                "Wenn Ihre Bank Ihnen eine neue Karte geschickt hat, fügen Sie sie bitte rechtzeitig hinzu, damit "
                "alles weiterläuft, was Sie nutzen."
            ),
            "Manche Banken erneuern Karten von selbst: Dann brauchen Sie nichts zu tun.",
        ),
        Kind.SETTLED: (
            ("Wir haben die Zahlung der Rechnung {number} erhalten. Es ist nichts mehr darauf offen."),
        ),
    },
    causes={
        FailureCause.CARD_EXPIRED: ("Die Karte ist abgelaufen. Bitte zahlen Sie mit einer anderen."),
        FailureCause.CARD_LOST: (
            "Laut Ihrer Bank ist die Karte nicht mehr nutzbar. Bitte zahlen Sie mit einer anderen."
        ),
        FailureCause.CARD_INVALID: (
            "Ihre Bank nimmt die Karte nicht an. Bitte zahlen Sie mit einer anderen."
        ),
        FailureCause.ACCOUNT_CLOSED: (
            "Das Bankkonto ist geschlossen. Bitte zahlen Sie auf einem anderen Weg."
        ),
        FailureCause.AGREEMENT_REVOKED: (
            "Die Vereinbarung, nach der wir eingezogen haben, ist beendet. "
            "Bitte zahlen Sie auf einem anderen Weg."
        ),
        FailureCause.FRAUD_SUSPECTED: (
            "Ihre Bank hat die Zahlung abgelehnt. Bitte zahlen Sie auf einem "
            "anderen Weg, oder fragen Sie Ihre Bank."
        ),
        FailureCause.NO_METHOD: (
            "Es ist kein Zahlungsmittel hinterlegt, das wir belasten dürfen. "
            "Bitte zahlen Sie auf einem Weg Ihrer Wahl."
        ),
        FailureCause.INSUFFICIENT_FUNDS: "Laut Ihrer Bank war das Konto nicht ausreichend gedeckt.",
        FailureCause.LIMIT_EXCEEDED: "Laut Ihrer Bank war das Limit der Karte erreicht.",
        FailureCause.DECLINED: "Ihre Bank hat die Zahlung ohne Angabe von Gründen abgelehnt.",
        FailureCause.AUTHENTICATION_REQUIRED: (
            "Ihre Bank möchte, dass Sie diese Zahlung selbst bestätigen, und fragt Sie, wenn Sie zahlen."
        ),
        FailureCause.AUTHENTICATION_FAILED: "Die Zahlung wurde bei Ihrer Bank nicht bestätigt.",
        FailureCause.PROVIDER_UNAVAILABLE: "Der Zahlungsdienst nahm die Zahlung nicht an. Das liegt nicht an Ihnen.",
        FailureCause.CANCELED: "Die Zahlung wurde abgebrochen, bevor sie abgeschlossen war.",
        FailureCause.EXPIRED: "Die Zahlung wurde nicht rechtzeitig abgeschlossen.",
        FailureCause.COUPON_USED_UP: "Die Zahlung konnte nicht abgeschlossen werden.",
        FailureCause.CHARGE_HELD: "Wir haben noch nichts abgebucht.",
    },
    confirm_subject="Bitte bestätigen Sie die Zahlung der Rechnung {number}",
    next_try=("Wir versuchen es am {day} noch einmal. Sie müssen nicht warten: Sie können jetzt zahlen."),
    no_next_try="Von selbst versuchen wir es nicht noch einmal.",
    already_paid="Es ist nichts darauf offen.",
    lifted="Alles, was eingeschränkt war, steht Ihnen wieder zur Verfügung.",
    not_lifted=("Andere Rechnungen sind noch offen. Was eingeschränkt ist, bleibt es, bis sie bezahlt sind."),
    resolved_subject="Rechnung {number} ist erledigt",
    resolved="Auf der Rechnung {number} ist nichts mehr offen.",
    owed="Was offen ist",
    invoice="Rechnung",
    due="Fällig",
    amount="Betrag",
    total="Summe",
    pay="{amount} zahlen",
    pay_until=(
        "Dieser Link gilt bis zum {day}. Er zeigt, was offen ist, und ist nur "
        "für Sie: Geben Sie ihn nicht weiter."
    ),
    methods="Zahlungsarten ändern",
    methods_until="Dieser Link gilt bis {day} und lässt jeden ein, der ihn hat: Geben Sie ihn nicht weiter.",
    ignore="Wenn Sie gerade gezahlt haben, ist nichts mehr zu tun.",
    regards="Mit freundlichen Grüßen",
    why="Sie erhalten diese Nachricht, weil {sender} Ihnen Rechnungen stellt.",
)
