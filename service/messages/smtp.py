"""Messages by a mail server, when `SMTP_URL` is set (`smtp://user:secret@host:587`, `smtps://…`)."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from service.messages.protocol import Message, NotSent, NotTaken


class Smtp:
    """A mail server as a way."""

    name = "email"

    def __init__(self, url: str, *, mail_from: str) -> None:
        self._url, self._from = urlsplit(url), mail_from

    def find(self, key: str) -> None:
        """A mail server cannot be asked. What is sent again has the same `Message-ID`."""

    def send(self, message: Message) -> str:
        """Hand one message to the mail server.

        Raises `NotSent`, and `NotTaken` for what is no mail or goes to an address that there is not.
        """
        if message.by != "email":
            raise NotTaken(f"A mail server takes no {message.by}.")
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._from, message.to, message.subject
        mail["Message-ID"] = f"<{message.key}@{self._from.rpartition('@')[2]}>"
        mail.set_content(message.body)
        secure = self._url.scheme == "smtps"
        opener = smtplib.SMTP_SSL if secure else smtplib.SMTP
        try:
            with opener(
                self._url.hostname or "localhost", self._url.port or (465 if secure else 25), timeout=15
            ) as server:
                server.ehlo()
                if not secure and server.has_extn("starttls"):
                    server.starttls()
                if self._url.username:
                    server.login(unquote(self._url.username), unquote(self._url.password or ""))
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            if _for_ever(error):
                raise NotTaken("The mail server knows no such address.") from error
            raise NotSent("The mail server did not take the message. It will be tried again.") from error
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent("The mail server did not take the message. It will be tried again.") from error
        return ""


def _for_ever(refusal: smtplib.SMTPRecipientsRefused) -> bool:
    """Whether no answer was about us: one who may not send here yet (530, or 5.7 of RFC 3463) may later."""
    answers = refusal.recipients.values()
    return all(code >= 500 and code != 530 and not said.startswith(b"5.7.") for code, said in answers)
