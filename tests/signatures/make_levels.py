#!/usr/bin/env python3
"""Writes the samples of levels and of odd but valid signatures anew, with new keys: make_levels.py [FOLDER].

Beside pyHanko and cryptography it needs pikepdf, which writes scans with object streams. The keys are thrown away.
"""

import asyncio
import datetime
import io
import pathlib
import subprocess
import sys
import tempfile

import pikepdf
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from make_samples import contract
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator.registry import SimpleCertificateStore
from sign import authority, builder, load, make_key, person, save, usage

HERE = pathlib.Path(__file__).resolve().parent


def stamping_authority(folder):
    """A time-stamping authority below our own."""
    issuer_key, issuer = load(folder / "authority")
    key = make_key("rsa2048")
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Marche di prova")])
    certificate = (
        builder(subject, issuer.subject, key, 2020, 2099)
        .add_extension(usage(digital_signature=True), True)
        .add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.TIME_STAMPING]), True)
        .sign(issuer_key, hashes.SHA256())
    )
    save(folder / "stamps", key, certificate)
    der = certificate.public_bytes(serialization.Encoding.DER)
    private = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    ours = SimpleCertificateStore()
    ours.register(asn1(folder / "authority"))
    return DummyTimeStamper(
        asn1_x509.Certificate.load(der),
        asn1_keys.PrivateKeyInfo.load(private),
        certs_to_embed=ours,
    )


def asn1(path):
    pem = x509.load_pem_x509_certificate(path.with_suffix(".pem").read_bytes())
    return asn1_x509.Certificate.load(pem.public_bytes(serialization.Encoding.DER))


def signer_of(path, folder):
    return signers.SimpleSigner.load(
        str(path.with_suffix(".key")), str(path.with_suffix(".pem")), ca_chain_files=[str(folder / "authority.pem")]
    )


def signed(data, path, folder, stamper=None):
    """A signature of level B, or T with a stamper."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    count = len(list(fields.enumerate_sig_fields(writer)))
    metadata = signers.PdfSignatureMetadata(
        field_name=f"Firma{count + 1}", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
    )
    return signers.PdfSigner(metadata, signer_of(path, folder), timestamper=stamper).sign_pdf(writer).getvalue()


def with_validation_data(data, folder, *people):
    """Level LT: the certificates, as a program writes them that has asked the authorities."""
    out = io.BytesIO(data)
    DocumentSecurityStore.add_dss(out, sig_contents=None, certs=[asn1(folder / "authority"), *map(asn1, people)])
    return out.getvalue()


def stamped(data, stamper, name):
    """A time stamp over the whole."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    return signers.PdfTimeStamper(stamper, field_name=name).timestamp_pdf(writer, "sha256").getvalue()


def packed(data):
    """The same document with object streams and a cross-reference stream, as office programs write it."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as document:
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def cades_stamped(document, path, folder, stamper):
    envelope = signer_of(path, folder).async_sign_general_data(
        document,
        "sha256",
        detached=False,
        timestamper=stamper,
        signed_attr_settings=PdfCMSSignedAttributes(
            signing_time=datetime.datetime.now(datetime.timezone.utc)
        ),
    )
    return asyncio.run(envelope).dump()


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent.parent / "functions/check-upload/tests/levels"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        write(out, pathlib.Path(scratch))


def write(out, folder):
    authority(folder, "authority")
    (out / "anchors.pem").write_bytes((folder / "anchors.pem").read_bytes())
    employer, worker, other = (person(folder, name) for name in ["employer", "worker", "other"])
    stamper = stamping_authority(folder)
    sent = contract(b"1500")
    scan = packed(contract(b"1500 (scansione)"))
    document = folder / "sent.pdf"
    document.write_bytes(sent)

    # openssl without -cades names no certificate.
    subprocess.run(
        ["openssl", "cms", "-sign", "-nodetach", "-binary", "-outform", "DER", "-md", "sha256"]
        + ["-in", document, "-out", out / "cades-names-no-certificate.p7m"]
        + ["-signer", employer.with_suffix(".pem"), "-inkey", employer.with_suffix(".key")],
        check=True,
    )
    (out / "cades-t.p7m").write_bytes(cades_stamped(scan, employer, folder, stamper))

    both = signed(signed(sent, worker, folder, stamper), employer, folder, stamper)
    (out / "pades-t.pdf").write_bytes(both)
    long_term = with_validation_data(both, folder, employer, worker)
    (out / "pades-lt.pdf").write_bytes(long_term)
    archive = with_validation_data(stamped(long_term, stamper, "Marca1"), folder, employer)
    (out / "pades-lta.pdf").write_bytes(stamped(archive, stamper, "Marca2"))

    of_employer = signed(scan, employer, folder, stamper)
    (out / "scan-packed-t.pdf").write_bytes(of_employer)
    proven = stamped(with_validation_data(of_employer, folder, employer), stamper, "Marca1")
    (out / "scan-packed-lta.pdf").write_bytes(proven)
    # After the employer's signature: another signs, or writes over a page that was packed.
    (out / "scan-packed-signed-again.pdf").write_bytes(signed(proven, other, folder))
    with pikepdf.open(io.BytesIO(scan)) as original:
        number = original.pages[0].objgen[0]
    writer = IncrementalPdfFileWriter(io.BytesIO(of_employer))
    page = writer.get_object(generic.Reference(number, 0, writer))
    page[generic.NameObject("/Rotate")] = generic.NumberObject(180)
    writer.mark_update(page.container_ref)
    over = io.BytesIO()
    writer.write(over)
    (out / "scan-packed-rewritten.pdf").write_bytes(stamped(over.getvalue(), stamper, "Marca1"))
    # A stamp of other bytes: the last table says another size, which no reader minds.
    other_size = bytearray(stamped(both, stamper, "Marca1"))
    other_size[other_size.rindex(b"/Size ") + len(b"/Size ")] ^= 1
    (out / "pades-stamp-of-others.pdf").write_bytes(bytes(other_size))


if __name__ == "__main__":
    main()
