#!/usr/bin/env python3
"""Signs a document with certificates of a test authority, which it makes on first use.

    sign.py INPUT OUTPUT --format cades|pades --as PERSON [--as PERSON] [--authority DIR]

PERSON is one of PEOPLE, or CODE:NAME, such as RSSMRA80A01H501U:Mario Rossi, who gets a certificate on first use.
CAdES is written by the `openssl` command line (several people: one envelope), PAdES by pyHanko (several: one after the other).
DIR/anchors.pem is what the portal has to trust.
"""

import argparse
import contextlib
import datetime
import fcntl
import os
import pathlib
import subprocess
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

# Name, serial number of the subject, key, authority, first and last year of the certificate.
PEOPLE = {
    "employer": ("Mario Rossi", "TINIT-RSSMRA80A01H501U", "rsa2048", "authority", 2020, 2099),
    "worker": ("Fatima El Idrissi", "IT:BNLFTM92E55Z330E", "p256", "authority", 2020, 2099),
    "other": ("Luigi Verdi", "TINIT-VRDLGI80A41Z1N9V", "p256", "authority", 2020, 2099),
    "expired": ("Mario Rossi", "TINIT-RSSMRA80A01H501U", "p256", "authority", 2020, 2021),
    "stranger": ("Mario Rossi", "TINIT-RSSMRA80A01H501U", "p256", "unknown-authority", 2020, 2099),
    "weak": ("Mario Rossi", "TINIT-RSSMRA80A01H501U", "rsa1024", "authority", 2020, 2099),
    "encipherer": ("Mario Rossi", "TINIT-RSSMRA80A01H501U", "p256", "authority", 2020, 2099),
}


def make_key(kind):
    if kind == "p256":
        return ec.generate_private_key(ec.SECP256R1())
    # cryptography no longer makes keys as short as the weak one.
    bits = kind.removeprefix("rsa")
    pem = subprocess.run(["openssl", "genrsa", bits], check=True, capture_output=True).stdout
    return serialization.load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)


@contextlib.contextmanager
def turn(folder):
    """Parallel tests sign at once: one at a time makes keys and certificates in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "turn", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def put(path, content):
    """Writes a file that others may read at this moment: they see it whole or not at all."""
    beside = path.with_suffix(".new")
    beside.write_bytes(content)
    os.replace(beside, path)


def save(path, key, certificate):
    put(
        path.with_suffix(".key"),
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
    put(path.with_suffix(".pem"), certificate.public_bytes(serialization.Encoding.PEM))


def load(path):
    key = serialization.load_pem_private_key(
        path.with_suffix(".key").read_bytes(), None, unsafe_skip_rsa_key_validation=True
    )
    return key, x509.load_pem_x509_certificate(path.with_suffix(".pem").read_bytes())


def builder(subject, issuer, key, first, last):
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(first, 1, 1))
        .not_valid_after(datetime.datetime(last, 12, 31, 23, 59, 59))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    )


def usage(**on):
    names = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement "
        "key_cert_sign crl_sign encipher_only decipher_only"
    ).split()
    return x509.KeyUsage(**{name: on.get(name, False) for name in names})


def authority(folder, name):
    path = folder / name
    if not path.with_suffix(".pem").exists():
        folder.mkdir(parents=True, exist_ok=True)
        key = make_key("p256")
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "IT"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"Prove ({name})"),
                x509.NameAttribute(NameOID.COMMON_NAME, f"CA di prova ({name})"),
            ]
        )
        certificate = (
            builder(subject, subject, key, 2020, 2099)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
            .add_extension(usage(key_cert_sign=True, crl_sign=True), True)
            .sign(key, hashes.SHA256())
        )
        save(path, key, certificate)
    anchors = folder / "anchors.pem"
    if name == "authority" and not anchors.exists():
        put(anchors, path.with_suffix(".pem").read_bytes())
    return path


def person(folder, who):
    """The path, without ending, of a signer's key and certificate."""
    if who in PEOPLE:
        name, serial, kind, issuer, first, last = PEOPLE[who]
        file = who
    else:
        code, _, name = who.partition(":")
        serial, kind, issuer, first, last = f"TINIT-{code}", "p256", "authority", 2020, 2099
        file = code
    path = folder / file
    if not path.with_suffix(".pem").exists():
        issuer_key, issuer_certificate = load(authority(folder, issuer))
        key = make_key(kind)
        given, _, family = name.partition(" ")
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "IT"),
                x509.NameAttribute(NameOID.SURNAME, family or given),
                x509.NameAttribute(NameOID.GIVEN_NAME, given),
                x509.NameAttribute(NameOID.SERIAL_NUMBER, serial),
                x509.NameAttribute(NameOID.COMMON_NAME, name),
            ]
        )
        use = usage(key_agreement=True) if who == "encipherer" else usage(content_commitment=True)
        certificate = (
            builder(subject, issuer_certificate.subject, key, first, last)
            .add_extension(use, True)
            .sign(issuer_key, hashes.SHA256())
        )
        save(path, key, certificate)
    return path


def cades(document, output, paths, *more):
    command = ["openssl", "cms", "-sign", "-cades", "-nodetach", "-binary", "-outform", "DER"]
    command += ["-md", "sha256", "-in", document, "-out", output]
    for path in paths:
        command += ["-signer", path.with_suffix(".pem"), "-inkey", path.with_suffix(".key")]
    subprocess.run([*command, *more], check=True)


def pades(document, output, paths, folder):
    import io

    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    data = pathlib.Path(document).read_bytes()
    for path in paths:
        signer = signers.SimpleSigner.load(
            str(path.with_suffix(".key")),
            str(path.with_suffix(".pem")),
            ca_chain_files=[str(folder / "authority.pem")],
        )
        writer = IncrementalPdfFileWriter(io.BytesIO(data))
        count = len(list(fields.enumerate_sig_fields(writer)))
        metadata = signers.PdfSignatureMetadata(
            field_name=f"Firma{count + 1}",
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter.PADES,
        )
        data = signers.PdfSigner(metadata, signer).sign_pdf(writer).getvalue()
    pathlib.Path(output).write_bytes(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("input")
    parser.add_argument("output")
    parser.add_argument("--format", choices=["cades", "pades"], required=True)
    parser.add_argument("--as", dest="people", action="append", required=True)
    parser.add_argument("--authority", type=pathlib.Path, default=pathlib.Path("authority"))
    arguments = parser.parse_args()
    with turn(arguments.authority):
        authority(arguments.authority, "authority")
        paths = [person(arguments.authority, who) for who in arguments.people]
    if arguments.format == "cades":
        cades(arguments.input, arguments.output, paths)
    else:
        pades(arguments.input, arguments.output, paths, arguments.authority)


if __name__ == "__main__":
    sys.exit(main())
