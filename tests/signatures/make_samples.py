#!/usr/bin/env python3
"""Writes the samples of check-upload anew, with new keys: make_samples.py [FOLDER]. The keys are thrown away."""

import asyncio
import base64
import datetime
import io
import pathlib
import re
import sys
import tempfile
import zlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from sign import authority, builder, cades, load, make_key, pades, person, save, usage

HERE = pathlib.Path(__file__).resolve().parent


def write_pdf(objects):
    """A PDF of one revision; objects are numbered from 1, the first is the catalogue."""
    data = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    return append(data, {n: body for n, body in enumerate(objects, 1)}, b"", len(objects) + 1)


def append(data, objects, extra, size):
    table = b"xref\n" + (b"" if extra else b"0 1\n0000000000 65535 f \n")
    for number, body in sorted(objects.items()):
        table += b"%d 1\n%010d 00000 n \n" % (number, len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    data += table + b"trailer\n<< /Size %d /Root 1 0 R %s>>\n" % (size, extra)
    return data + b"startxref\n%d\n%%%%EOF\n" % start


def update(data, objects):
    """Appends a revision that replaces or adds objects."""
    previous = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    size = max([*objects, *map(int, re.findall(rb"/Size (\d+)", data))]) + 1
    return append(data, objects, b"/Prev %d " % previous, size)


def stream(text, entries=b""):
    return b"<< /Length %d %s>>\nstream\n%s\nendstream" % (len(text), entries, text)


def contract(pay, catalog=b"", more=()):
    text = b"BT /F1 12 Tf 72 770 Td (Contratto di soggiorno: retribuzione mensile %s euro) Tj ET" % pay
    return write_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R %s>>" % catalog,
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595.28 841.89] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>",
            stream(text),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            *more,
        ]
    )


def der(path):
    return x509.load_pem_x509_certificate(path.read_bytes()).public_bytes(serialization.Encoding.DER)


def make_twin(folder):
    """Another certificate of the worker's key, with the same number and length: only the signature tells which is meant."""
    worker = x509.load_pem_x509_certificate((folder / "worker.pem").read_bytes())
    key, certificate = load(folder / "authority")
    while True:
        twin = (
            x509.CertificateBuilder()
            .subject_name(worker.subject)
            .issuer_name(worker.issuer)
            .public_key(worker.public_key())
            .serial_number(worker.serial_number)
            .not_valid_before(worker.not_valid_before_utc)
            .not_valid_after(worker.not_valid_after_utc.replace(year=2098))
        )
        for extension in worker.extensions:
            twin = twin.add_extension(extension.value, extension.critical)
        twin = twin.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
        if len(twin) == len(der(folder / "worker.pem")):
            return twin


def holder(folder, name, use):
    """The employer once more, with a certificate for another use, or for one that it does not tell."""
    issuer_key, issuer = load(folder / "authority")
    employer = x509.load_pem_x509_certificate((folder / "employer.pem").read_bytes())
    key = make_key("p256")
    certificate = builder(employer.subject, issuer.subject, key, 2020, 2099)
    if use is not None:
        certificate = certificate.add_extension(use, True)
    save(folder / name, key, certificate.sign(issuer_key, hashes.SHA256()))
    return folder / name


def cades_at(document, output, path, signed_at):
    """An envelope whose signer's clock says `signed_at`; openssl always writes its own."""
    signer = signers.SimpleSigner.load(str(path.with_suffix(".key")), str(path.with_suffix(".pem")))
    envelope = signer.async_sign_general_data(
        document.read_bytes(),
        "sha256",
        detached=False,
        signed_attr_settings=PdfCMSSignedAttributes(signing_time=signed_at),
    )
    output.write_bytes(asyncio.run(envelope).dump())


def with_visible_field(data, name):
    """An empty field for a signature, in the middle of the page."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    fields.append_signature_field(writer, fields.SigFieldSpec(name, box=(72, 740, 400, 800)))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent.parent / "functions/check-upload/tests/samples"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        write_samples(out, pathlib.Path(scratch))


def write_samples(out, folder):
    authority(folder, "authority")
    (out / "anchors.pem").write_bytes((folder / "anchors.pem").read_bytes())
    who = lambda *names: [person(folder, name) for name in names]

    def put(name, data):
        (out / name).write_bytes(data)
        return out / name

    sent = put("sent.pdf", contract(b"1500"))
    another = put("another.pdf", contract(b"900"))
    data = sent.read_bytes()

    cades(sent, out / "cades.p7m", who("employer"))
    cades(sent, out / "cades-both.p7m", who("employer", "worker"))
    cades(sent, out / "cades-worker.p7m", who("worker"))
    cades(out / "cades-worker.p7m", out / "cades-nested.p7m", who("employer"))
    put("cades-base64.p7m", base64.encodebytes((out / "cades-both.p7m").read_bytes()))
    cades(sent, out / "cades-streamed.p7m", who("employer", "worker"), "-stream")
    cades(sent, out / "cades-key-identifier.p7m", who("employer", "worker"), "-keyid")
    cades(sent, out / "cades-pss.p7m", who("employer"), "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:digest")
    cades(another, out / "cades-another.p7m", who("employer", "worker"))
    cades(sent, out / "cades-sha1.p7m", who("employer", "worker"), "-md", "sha1")
    for name in ["other", "expired", "stranger", "weak", "encipherer"]:
        cades(sent, out / f"cades-{name}.p7m", who(name, "worker"))
    cades(sent, out / "cades-authenticator.p7m", [holder(folder, "authenticator", usage(digital_signature=True)), *who("worker")])
    cades(sent, out / "cades-no-usage.p7m", [holder(folder, "no-usage", None), *who("worker")])
    back = datetime.datetime(2021, 6, 1, 10, tzinfo=datetime.timezone.utc)
    cades_at(sent, out / "cades-back-dated.p7m", who("expired")[0], back)
    deep = sent
    for depth in range(5):
        cades(deep, folder / f"{depth}.p7m", who("employer"))
        deep = folder / f"{depth}.p7m"
    put("cades-deep.p7m", deep.read_bytes())
    cades(put("page.html", b"<html><script>alert(1)</script></html>"), out / "cades-html.p7m", who("employer"))

    pades(sent, out / "pades.pdf", who("employer"), folder)
    pades(sent, out / "pades-both.pdf", who("worker", "employer"), folder)
    pades(sent, out / "pades-expired.pdf", who("expired"), folder)
    cades(out / "pades.pdf", out / "cades-over-pades.p7m", who("worker"))
    pades(another, out / "pades-another.pdf", who("employer", "worker"), folder)
    pades(sent, folder / "worker.pdf", who("worker"), folder)
    worker = (folder / "worker.pdf").read_bytes()
    # pyHanko counts the fields to find a name: the third is the one that is there.
    pades(put("x", with_visible_field(worker, "Firma3")), out / "pades-visible.pdf", who("employer"), folder)

    twin = make_twin(folder)
    envelope = (out / "cades-both.p7m").read_bytes()
    put("cades-twin.p7m", envelope.replace(der(folder / "worker.pem"), twin))

    # A revision that changes nothing, before the signatures.
    same = re.search(rb"5 0 obj\s*(.*?)\s*endobj", data, re.S).group(1)
    pades(put("x", update(data, {5: same})), out / "pades-nothing-changed.pdf", who("employer", "worker"), folder)

    # The worker signed 1500 euro; the employer writes 900 over it and signs the whole.
    page = stream(b"BT /F1 12 Tf 72 770 Td (Contratto di soggiorno: retribuzione mensile 900 euro) Tj ET")
    pades(put("x", update(worker, {4: page})), out / "pades-rewritten.pdf", who("employer"), folder)
    note = (
        b"<< /Type /Annot /Subtype /FreeText /Rect [72 760 500 790] /DA (/F1 12 Tf) /Contents (900 euro) >>"
    )
    with_note = re.search(rb"3 0 obj\s*<<(.*?)>>\s*endobj", data, re.S).group(1)
    over = update(data, {3: b"<<" + with_note + b"/Annots [6 0 R] >>", 6: note})
    pades(put("x", over), out / "pades-note-over.pdf", who("employer", "worker"), folder)
    swapped = update(data, {6: page, 3: b"<<" + with_note.replace(b"/Contents 4 0 R", b"/Contents 6 0 R") + b">>"})
    pades(put("x", swapped), out / "pades-page-swapped.pdf", who("employer", "worker"), folder)
    put("pades-changed-after.pdf", update((out / "pades-both.pdf").read_bytes(), {4: page}))

    script = b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> "
    put("script.pdf", contract(b"1500", script))
    put("script-escaped.pdf", contract(b"1500", script.replace(b"/JavaScript", b"/J#61va#53cript")))
    hidden = b"6 0 << /S /JavaScript /JS (app.alert\\(1\\)) >>"
    packed = stream(zlib.compress(hidden), b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode ")
    put("script-packed.pdf", contract(b"1500", b"/OpenAction 6 0 R ", [packed]))
    put("launch.pdf", contract(b"1500", b"/OpenAction << /S /Launch /F (cmd.exe) >> "))
    bomb = stream(zlib.compress(b"\0" * 100_000_000, 9), b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode ")
    put("bomb.pdf", contract(b"1500", b"", [bomb]))
    put("encrypted.pdf", contract(b"1500").replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt 5 0 R"))
    put("embedded.pdf", contract(b"1500", b"/Names << /EmbeddedFiles << /Names [] >> >> "))
    cades(out / "script.pdf", out / "cades-script.p7m", who("employer", "worker"))

    scan = put("scan.pdf", contract(b"1500 (scansione)"))
    cades(scan, out / "scan.p7m", who("employer"))
    pades(scan, out / "scan-pades.pdf", who("employer"), folder)
    # The employer signs 1500 euro; another person writes 900 over it and signs the whole.
    over = put("x", update((out / "scan-pades.pdf").read_bytes(), {4: page}))
    pades(over, out / "scan-rewritten.pdf", who("other"), folder)
    cades(out / "scan-rewritten.pdf", out / "scan-rewritten.p7m", who("employer"))
    cades(out / "scan-rewritten.pdf", out / "scan-rewritten-other.p7m", who("other"))
    (out / "x").unlink()


if __name__ == "__main__":
    main()
