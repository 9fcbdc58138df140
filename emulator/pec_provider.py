"""A certified e-mail provider (gestore PEC) for the local stack and the tests. Never for anything real.

It takes messages by SMTP with AUTH, answers each with the receipts that a provider would send (RFC 6109) into the
sender's mailbox, and lets that mailbox be read by IMAP with the same credentials. Over HTTP on loopback it shows what
it took. Everything is in memory; nothing is written, and no content or address is logged.

What the recipient's local part begins with decides what happens:

    piena         accepted, then not delivered: mailbox full (5.2.2)
    inesistente   accepted, then not delivered: no such mailbox (5.1.1)
    disattivata   accepted, then not delivered: mailbox disabled (5.2.1)
    virus         accepted, then not delivered: a virus was found
    preavviso     accepted, then only the notice that 12 hours have passed
    scaduta       accepted, then that notice, and the one that 24 hours have passed
    muta          accepted, then nothing
    rinvia        refused with 451 the first time, delivered from then on
    rifiuta       refused with 550
    anything else accepted and delivered
"""

import argparse
import asyncio
import base64
import email
import email.policy
import email.utils
import hmac
import itertools
import json
import re
import signal
import ssl
import sys
from datetime import datetime, timedelta, timezone
from email.header import Header
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from aiosmtpd.smtp import SMTP, AuthResult

try:
    from zoneinfo import ZoneInfo

    ROME = ZoneInfo("Europe/Rome")
except Exception:  # no time zone data on this machine
    ROME = timezone(timedelta(hours=1))

PROVIDER = "Gestore Simulato S.p.A."
DOMAIN = "gestore.example"
# RFC 6109, 3.1.1: size times recipients.
LIMIT = 30 * 1024 * 1024
NOT_DELIVERED = {
    "piena": ("altro", f"5.2.2 - {PROVIDER} - casella piena"),
    "inesistente": ("no-dest", f"5.1.1 - {PROVIDER} - indirizzo non valido"),
    "disattivata": ("altro", f"5.2.1 - {PROVIDER} - casella disabilitata"),
    "virus": ("virus", f"5.7.1 - {PROVIDER} - virus rilevato"),
}
OVERDUE = "preavviso-errore-consegna"
# DM 2 November 2005, 6.3.5.
TWELVE_HOURS = f"5.4.1 - {PROVIDER} - il messaggio non e' stato consegnato nelle prime dodici ore dal suo invio"
A_DAY = f"5.4.1 - {PROVIDER} - il messaggio non e' stato consegnato nelle ventiquattro ore successive al suo invio"
SUBJECTS = {
    "accettazione": "ACCETTAZIONE",
    "non-accettazione": "AVVISO DI NON ACCETTAZIONE",
    "avvenuta-consegna": "CONSEGNA",
    "errore-consegna": "AVVISO DI MANCATA CONSEGNA",
    "preavviso-errore-consegna": "AVVISO DI MANCATA CONSEGNA PER SUPERAMENTO TEMPO MASSIMO",
}


def log(text):
    print(text, file=sys.stderr, flush=True)


class Stored:
    """A message of the mailbox: what it is and its flags."""

    def __init__(self, uid, raw):
        self.uid, self.raw, self.flags = uid, raw, set()
        self.headers = email.message_from_bytes(raw.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n")


class Provider:
    """The state: what was taken, and the sender's mailbox."""

    def __init__(self, user, password):
        # Without a password of its own it lets every one in.
        self.user, self.password = user, password
        self.taken = []
        self.mailbox = []
        self.deferred = set()
        self.uids = itertools.count(1)
        self.numbers = itertools.count(1)

    def knows(self, user, password):
        return hmac.compare_digest(user.encode(), self.user.encode()) and (
            self.password is None or hmac.compare_digest(password.encode(), self.password.encode())
        )

    def take(self, sender, recipients, raw):
        message = email.message_from_bytes(raw, policy=email.policy.default)
        self.taken.append(described(sender, recipients, message, raw))
        if len(raw) * len(recipients) > LIMIT:
            error = ("altro", "superata la dimensione massima del messaggio")
            self.receipt("non-accettazione", sender, recipients, message, raw, error=error)
            return
        self.receipt("accettazione", sender, recipients, message, raw)
        for recipient in recipients:
            local = recipient.lower()
            failed = next((NOT_DELIVERED[k] for k in NOT_DELIVERED if local.startswith(k)), None)
            if local.startswith("muta"):
                continue
            if local.startswith("preavviso"):
                self.receipt(OVERDUE, sender, recipients, message, raw, recipient, ("altro", TWELVE_HOURS))
            elif local.startswith("scaduta"):
                for words in (TWELVE_HOURS, A_DAY):
                    self.receipt(OVERDUE, sender, recipients, message, raw, recipient, ("altro", words))
            elif failed:
                self.receipt("errore-consegna", sender, recipients, message, raw, recipient, failed)
            else:
                self.receipt("avvenuta-consegna", sender, recipients, message, raw, recipient)

    def receipt(self, kind, sender, recipients, message, raw, recipient=None, error=None):
        now = datetime.now(ROME)
        number = next(self.numbers)
        identifier = f"opec1.{now:%Y%m%d%H%M%S}.{number:05}.1.1@{DOMAIN}"
        wanted = str(message.get("X-TipoRicevuta", "completa")).strip().lower()
        detail = wanted if wanted in ("completa", "breve", "sintetica") else "completa"
        code, text = error or ("nessuno", "")
        subject = str(message.get("Subject", ""))
        reference = str(message.get("Message-ID", "")).strip()
        xml = [
            '<?xml version="1.0" encoding="UTF-8"?>\n',
            f'<postacert tipo="{kind}" errore="{code}"><intestazione><mittente>{escape(sender)}</mittente>',
            *(f'<destinatari tipo="certificato">{escape(each)}</destinatari>' for each in recipients),
            f"<risposte>{escape(sender)}</risposte><oggetto>{escape(subject)}</oggetto></intestazione>",
            f"<dati><gestore-emittente>{PROVIDER}</gestore-emittente>",
            f'<data zona="{now:%z}"><giorno>{now:%d/%m/%Y}</giorno><ora>{now:%H:%M:%S}</ora></data>',
            f"<identificativo>{identifier}</identificativo><msgid>{escape(reference)}</msgid>",
        ]
        if kind in ("accettazione", "avvenuta-consegna"):
            xml.append(f'<ricevuta tipo="{detail}" />')
        if recipient:
            xml.append(f"<consegna>{escape(recipient)}</consegna>")
        if text:
            xml.append(f"<errore-esteso>{escape(text)}</errore-esteso>")
        xml.append("</dati></postacert>\n")
        told = (
            f"{SUBJECTS[kind].capitalize()}\r\n\r\nIl giorno {now:%d/%m/%Y} alle ore {now:%H:%M:%S} ({now:%z}) il "
            f"messaggio con riferimento {reference} è stato trattato dal sistema.\r\n{text}\r\n"
            f"Identificativo messaggio: {identifier}\r\n"
        )
        signed, mixed = f"----=_sig{number}", f"----=_mix{number}"
        lines = [
            f"X-Ricevuta: {kind}",
            f"X-Riferimento-Message-ID: {reference}",
            *([f"X-TipoRicevuta: {detail}"] if kind == "avvenuta-consegna" else []),
            f"Date: {email.utils.format_datetime(now)}",
            f"From: posta-certificata@{DOMAIN}",
            f"To: {sender}",
            "Subject: " + Header(f"{SUBJECTS[kind]}: {subject}", "utf-8").encode(linesep="\r\n"),
            f"Message-ID: <{identifier}>",
            "MIME-Version: 1.0",
            'Content-Type: multipart/signed; protocol="application/x-pkcs7-signature"; micalg=sha-256;',
            f' boundary="{signed}"',
            "",
            f"--{signed}",
            f'Content-Type: multipart/mixed; boundary="{mixed}"',
            "",
            f"--{mixed}",
            "Content-Type: text/plain; charset=UTF-8",
            "Content-Transfer-Encoding: base64",
            "",
            wrapped(told.encode()),
            f"--{mixed}",
            'Content-Type: application/xml; name="daticert.xml"',
            "Content-Transfer-Encoding: base64",
            'Content-Disposition: inline; filename="daticert.xml"',
            "",
            wrapped("".join(xml).encode()),
        ]
        whole = "\r\n".join(lines).encode() + b"\r\n"
        if kind == "avvenuta-consegna" and detail != "sintetica":
            whole += (
                f'--{mixed}\r\nContent-Type: message/rfc822; name="postacert.eml"\r\n'
                f'Content-Disposition: inline; filename="postacert.eml"\r\n\r\n'
            ).encode() + raw + b"\r\n"
        whole += "\r\n".join(
            [
                f"--{mixed}--",
                "",
                f"--{signed}",
                'Content-Type: application/x-pkcs7-signature; name="smime.p7s"',
                "Content-Transfer-Encoding: base64",
                'Content-Disposition: attachment; filename="smime.p7s"',
                "",
                wrapped(b"Firma simulata: non vale nulla."),
                f"--{signed}--",
                "",
            ]
        ).encode()
        self.mailbox.append(Stored(next(self.uids), whole))


def wrapped(content):
    return base64.encodebytes(content).decode().strip().replace("\n", "\r\n")


def described(sender, recipients, message, raw):
    """A taken message as the test harness reads it."""
    body = message.get_body(("plain", "html"))
    attachments = [
        {
            "name": part.get_filename() or "",
            "media_type": part.get_content_type(),
            "base64": base64.b64encode(part.get_payload(decode=True) or b"").decode(),
        }
        for part in message.iter_attachments()
    ]
    return {
        "from": sender,
        "to": recipients,
        "subject": str(message.get("Subject", "")),
        "body": body.get_content().replace("\r\n", "\n") if body else "",
        "attachments": attachments,
        "message_id": str(message.get("Message-ID", "")).strip(),
        "raw_base64": base64.b64encode(raw).decode(),
    }


class Submission:
    """What aiosmtpd asks about each step."""

    def __init__(self, provider):
        self.provider = provider

    def authenticate(self, _server, _session, _envelope, _mechanism, data):
        user, password = (part.decode("utf-8", "replace") for part in (data.login, data.password))
        return AuthResult(success=self.provider.knows(user, password), handled=False)

    async def handle_MAIL(self, _server, _session, envelope, address, options):
        # A provider lets nobody write in another's name.
        if "@" in self.provider.user and address.lower() != self.provider.user.lower():
            return "553 5.7.1 mittente non autorizzato"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(self, _server, _session, envelope, address, options):
        local = address.lower()
        if local.startswith("rifiuta"):
            return f"550 5.1.1 <{address}> rifiutato"
        if local.startswith("rinvia") and local not in self.provider.deferred:
            self.provider.deferred.add(local)
            return f"451 4.7.1 <{address}> riprovare"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server, _session, envelope):
        self.provider.take(envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content)
        log(f"preso il messaggio {len(self.provider.taken)}, ricevute {len(self.provider.mailbox)}")
        return f"250 2.0.0 OK preso in carico come {len(self.provider.taken)} per <{envelope.rcpt_tos[0]}>"


TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|(\([^)]*\))|(\S+)')


def tokens(line):
    found = []
    for quoted, group, bare in TOKEN.findall(line):
        found.append(group or bare or re.sub(r"\\(.)", r"\1", quoted))
    return found


class Imap:
    """As much of IMAP4rev1 as reading a mailbox needs."""

    CAPABILITIES = "IMAP4rev1 UIDPLUS"

    def __init__(self, provider):
        self.provider = provider

    async def serve(self, reader, writer):
        def say(text):
            writer.write(text.encode() + b"\r\n")

        signed_in = False
        try:
            say(f"* OK [CAPABILITY {self.CAPABILITIES}] pronto")
            while line := await reader.readline():
                words = tokens(line.decode("utf-8", "replace").strip())
                if len(words) < 2:
                    say("* BAD comando incompleto")
                    continue
                tag, command, rest = words[0], words[1].upper(), words[2:]
                if command == "UID" and rest:
                    command, rest = "UID " + rest[0].upper(), rest[1:]
                if command == "LOGOUT":
                    say("* BYE arrivederci")
                    say(f"{tag} OK fatto")
                    break
                if command == "CAPABILITY":
                    say(f"* CAPABILITY {self.CAPABILITIES}")
                    say(f"{tag} OK fatto")
                elif command == "NOOP":
                    say(f"{tag} OK fatto")
                elif command == "LOGIN" and len(rest) == 2:
                    signed_in = self.provider.knows(*rest)
                    outcome = "OK" if signed_in else "NO [AUTHENTICATIONFAILED]"
                    say(f"{tag} {outcome} accesso")
                elif not signed_in:
                    say(f"{tag} NO prima l'accesso")
                else:
                    self.answer(writer, say, tag, command, rest)
                await writer.drain()
            await writer.drain()
        except (ConnectionError, ValueError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def chosen(self, text):
        uids = set()
        for part in text.split(","):
            first, _, last = part.partition(":")
            top = max((each.uid for each in self.provider.mailbox), default=0)
            first, last = (top if x == "*" else int(x) for x in (first, last or first))
            uids.update(range(min(first, last), max(first, last) + 1))
        return [each for each in self.provider.mailbox if each.uid in uids]

    def answer(self, writer, say, tag, command, rest):
        mailbox = self.provider.mailbox
        if command in ("SELECT", "EXAMINE"):
            say(f"* {len(mailbox)} EXISTS")
            say("* 0 RECENT")
            say("* FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft)")
            say("* OK [PERMANENTFLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft)] bandiere")
            say("* OK [UIDVALIDITY 1] valida")
            say(f"{tag} OK [READ-WRITE] aperta")
        elif command == "UID SEARCH":
            found = self.search(rest)
            if found is None:
                say(f"{tag} BAD ricerca non capita")
            else:
                say("* SEARCH" + "".join(f" {each.uid}" for each in found))
                say(f"{tag} OK fatto")
        elif command == "UID FETCH" and len(rest) == 2:
            wanted = rest[1].upper()
            for each in self.chosen(rest[0]):
                number = mailbox.index(each) + 1
                parts = [f"UID {each.uid}", f"RFC822.SIZE {len(each.raw)}", f"FLAGS ({' '.join(sorted(each.flags))})"]
                if "BODY" in wanted:
                    writer.write(f"* {number} FETCH ({' '.join(parts)} BODY[] {{{len(each.raw)}}}\r\n".encode())
                    writer.write(each.raw + b")\r\n")
                else:
                    say(f"* {number} FETCH ({' '.join(parts)})")
            say(f"{tag} OK fatto")
        elif command == "UID STORE" and len(rest) == 3:
            flags = set(rest[2].strip("()").split())
            for each in self.chosen(rest[0]):
                if rest[1].startswith("-"):
                    each.flags -= flags
                else:
                    each.flags |= flags
            say(f"{tag} OK fatto")
        elif command in ("EXPUNGE", "UID EXPUNGE"):
            for each in self.chosen(rest[0]) if rest else list(mailbox):
                if "\\Deleted" in each.flags:
                    say(f"* {mailbox.index(each) + 1} EXPUNGE")
                    mailbox.remove(each)
            say(f"{tag} OK fatto")
        else:
            say(f"{tag} BAD comando non conosciuto")

    def search(self, criteria):
        found = list(self.provider.mailbox)
        criteria = iter(criteria)
        for each in criteria:
            word = each.upper()
            if word in ("UNDELETED", "UNFLAGGED", "UNSEEN"):
                flag = "\\" + word[2:].capitalize()
                found = [m for m in found if flag not in m.flags]
            elif word == "HEADER":
                name, value = next(criteria, ""), next(criteria, "").lower()
                found = [m for m in found if name in m.headers and value in str(m.headers[name]).lower()]
            elif word != "ALL":
                return None
        return found


async def http(provider, reader, writer):
    """`GET /messages[?to=TEXT]`, of one recipient or of all, and `GET /health`."""
    try:
        request = (await reader.readline()).decode("latin-1").split()
        while (await reader.readline()).strip():
            pass
        url = urlsplit(request[1] if len(request) > 1 and request[0] == "GET" else "")
        path, to = url.path, parse_qs(url.query).get("to", [""])[0]
        taken = [message for message in provider.taken if any(to in recipient for recipient in message["to"])]
        answers = {"/messages": taken, "/health": {"status": "ok"}}
        status = "200 OK" if path in answers else "404 Not Found"
        body = json.dumps(answers.get(path, {"status": "non trovato"})).encode()
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close"
        writer.write(head.encode() + b"\r\n\r\n" + body)
        await writer.drain()
    except (ConnectionError, ValueError):
        pass
    finally:
        writer.close()


async def run(arguments):
    provider = Provider(arguments.user, arguments.password)
    submission = Submission(provider)
    loop = asyncio.get_running_loop()
    tls = None
    if arguments.tls != "none":
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(arguments.certificate, arguments.key)
    starttls = tls if arguments.tls == "starttls" else None

    def smtp():
        return SMTP(
            submission,
            hostname=DOMAIN,
            authenticator=submission.authenticate,
            auth_required=True,
            # Plaintext is for loopback only; with TLS from the first byte aiosmtpd does not know of it.
            auth_require_tls=starttls is not None,
            tls_context=starttls,
            require_starttls=starttls is not None,
            data_size_limit=2 * LIMIT,
            loop=loop,
        )

    host = "127.0.0.1"
    implicit = tls if arguments.tls == "implicit" else None
    servers = {
        "smtp": await loop.create_server(smtp, host, arguments.smtp_port, ssl=implicit),
        "imap": await asyncio.start_server(Imap(provider).serve, host, arguments.imap_port, ssl=tls, limit=1 << 20),
        "http": await asyncio.start_server(lambda r, w: http(provider, r, w), host, arguments.http_port),
    }
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    # One line when it listens: which ports, for a caller that asked for port 0.
    ports = {name: server.sockets[0].getsockname()[1] for name, server in servers.items()}
    print(json.dumps(ports), flush=True)
    await stop.wait()


def main():
    parser = argparse.ArgumentParser(description="Gestore PEC simulato, solo su loopback.")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--imap-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--user", required=True, help="indirizzo della casella certificata")
    secret = parser.add_mutually_exclusive_group(required=True)
    secret.add_argument("--password")
    # The local stack's password is made when it is deployed, which is later.
    secret.add_argument("--any-password", action="store_true")
    parser.add_argument("--tls", choices=("none", "implicit", "starttls"), default="none")
    parser.add_argument("--certificate", help="PEM, con --tls")
    parser.add_argument("--key", help="PEM, con --tls")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
