#!/usr/bin/env python3
"""Writes the samples of envelopes that keep their own proof, and of what the portal cannot verify: make_envelopes.py [FOLDER].

The keys are new each time and thrown away. Like make_levels.py it needs pikepdf beside pyHanko and cryptography.
"""

import asyncio
import datetime
import hashlib
import io
import pathlib
import subprocess
import sys
import tempfile

from asn1crypto import cms, core, crl, ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448
from cryptography.x509 import ocsp as make_ocsp
from cryptography.x509.oid import NameOID
from make_levels import asn1, stamping_authority
from make_samples import contract
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import PdfSignedData
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from sign import authority, builder, cades, load, make_key, person, save, usage

HERE = pathlib.Path(__file__).resolve().parent
DER = serialization.Encoding.DER
NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def make_authority(folder, name, key, issuer=None):
    """An authority that may stand above another; its own issuer where none is named."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "IT"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"Prove ({name})"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"CA di prova ({name})"),
        ]
    )
    issuer_key, issuer_name = key, subject
    if issuer:
        issuer_key, certificate = load(folder / issuer)
        issuer_name = certificate.subject
    certificate = (
        builder(subject, issuer_name, key, 2020, 2099)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .add_extension(usage(key_cert_sign=True, crl_sign=True), True)
        .sign(issuer_key, hashes.SHA256())
    )
    save(folder / name, key, certificate)


def holder(folder, name, key, issuer="authority", policies=False):
    """The employer once more, with another key or below another authority."""
    issuer_key, issuer_certificate = load(folder / issuer)
    employer = x509.load_pem_x509_certificate((folder / "employer.pem").read_bytes())
    certificate = builder(employer.subject, issuer_certificate.subject, key, 2020, 2099)
    certificate = certificate.add_extension(usage(content_commitment=True), True)
    if policies:
        policy = x509.PolicyInformation(x509.ObjectIdentifier("1.3.76.16.6"), None)
        certificate = certificate.add_extension(x509.CertificatePolicies([policy]), True)
    save(folder / name, key, certificate.sign(issuer_key, hashes.SHA256()))
    return folder / name


def with_long_serial(folder, name):
    """A certificate with a serial number of 24 bytes, four more than RFC 5280 4.1.2.2 allows: our reader takes none."""
    path = holder(folder, name, make_key("p256"))
    issuer_key, _ = load(folder / "authority")
    certificate = asn1(path)
    certificate["tbs_certificate"]["serial_number"] = int.from_bytes(bytes(range(1, 25)), "big")
    signed = certificate["tbs_certificate"].dump(force=True)
    certificate["signature_value"] = issuer_key.sign(signed, ec.ECDSA(hashes.SHA256()))
    pem = subprocess.run(
        ["openssl", "x509", "-inform", "DER"], input=certificate.dump(force=True), check=True, capture_output=True
    )
    path.with_suffix(".pem").write_bytes(pem.stdout)
    return path


def revocation_list(folder):
    """What the authority says of its certificates: none is revoked."""
    key, issuer = load(folder / "authority")
    made = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(NOW)
        .next_update(NOW + datetime.timedelta(days=7))
        .sign(key, hashes.SHA256())
    )
    return crl.CertificateList.load(made.public_bytes(DER))


def status(folder, path):
    """The same about one certificate (RFC 6960)."""
    key, issuer = load(folder / "authority")
    certificate = x509.load_pem_x509_certificate(path.with_suffix(".pem").read_bytes())
    made = (
        make_ocsp.OCSPResponseBuilder()
        .add_response(
            certificate, issuer, hashes.SHA1(), make_ocsp.OCSPCertStatus.GOOD, NOW, NOW + datetime.timedelta(days=7), None, None
        )
        .responder_id(make_ocsp.OCSPResponderEncoding.HASH, issuer)
        .sign(key, hashes.SHA256())
    )
    return ocsp.OCSPResponse.load(made.public_bytes(DER))


def attribute(kind, value):
    return cms.CMSAttribute({"type": kind, "values": [value]})


class CertificateValues(core.SequenceOf):
    _child_spec = asn1_x509.Certificate


class CertificateLists(core.SequenceOf):
    _child_spec = crl.CertificateList


class Responses(core.SequenceOf):
    _child_spec = ocsp.BasicOCSPResponse


class RevocationValues(core.Sequence):
    _fields = [
        ("crl_vals", CertificateLists, {"explicit": 0, "optional": True}),
        ("ocsp_vals", Responses, {"explicit": 1, "optional": True}),
    ]


# ETSI EN 319 122-1 and -2: certificate-values and revocation-values.
cms.CMSAttributeType._map["1.2.840.113549.1.9.16.2.23"] = "certificate_values"
cms.CMSAttributeType._map["1.2.840.113549.1.9.16.2.24"] = "revocation_values"


class SetOfCertificateValues(core.SetOf):
    _child_spec = CertificateValues


class SetOfRevocationValues(core.SetOf):
    _child_spec = RevocationValues


cms.CMSAttribute._oid_specs["certificate_values"] = SetOfCertificateValues
cms.CMSAttribute._oid_specs["revocation_values"] = SetOfRevocationValues
cms.CMSAttributeType._reverse_map = None


def long_term(envelope, folder, stamper, people, in_attributes):
    """Level LT of an envelope of level B: a time stamp over each signature, and what proves the certificates, beside the
    signatures (EN 319 122-1) or in attributes of them (CAdES-X-L of EN 319 122-2, as older programs write it)."""
    info = cms.ContentInfo.load(envelope)
    data = info["content"]
    lists = [revocation_list(folder)]
    answers = [status(folder, path) for path in people]
    chain = [asn1(folder / name) for name in ["authority", "stamps"]]
    for signature in data["signer_infos"]:
        imprint = hashlib.sha256(signature["signature"].native).digest()
        token = asyncio.run(stamper.async_timestamp(imprint, "sha256"))
        unsigned = [attribute("signature_time_stamp_token", token)]
        if in_attributes:
            basic = [answer["response_bytes"]["response"].parsed for answer in answers]
            values = RevocationValues({"crl_vals": lists, "ocsp_vals": basic})
            unsigned += [
                attribute("certificate_values", CertificateValues(chain)),
                attribute("revocation_values", values),
            ]
        signature["unsigned_attrs"] = cms.CMSAttributes(unsigned)
    if not in_attributes:
        certificates = [choice.chosen for choice in data["certificates"]] + chain
        data["certificates"] = [cms.CertificateChoices("certificate", one) for one in certificates]
        data["crls"] = [cms.RevocationInfoChoice("crl", one) for one in lists] + [
            cms.RevocationInfoChoice("other", {"other_rev_info_format": "ocsp_response", "other_rev_info": answer})
            for answer in answers
        ]
        # With revocation information in another format (RFC 5652 5.1).
        data["version"] = "v5"
    return info.dump(force=True)


def in_pdf(document, sub_filter, envelope_of):
    """A signature in the PDF in a form of our choice; `envelope_of` gets what it covers."""

    class Form:
        value = generic.NameObject(sub_filter)

    writer = IncrementalPdfFileWriter(io.BytesIO(document))
    steps = PdfCMSEmbedder().write_cms("Firma1", writer)
    next(steps)
    signature = PdfSignedData(obj_type=generic.pdf_name("/Sig"), subfilter=Form, timestamp=NOW, bytes_reserved=8192)
    steps.send(SigObjSetup(sig_placeholder=signature))
    prepared, output = steps.send(SigIOSetup(md_algorithm="sha1", in_place=True))
    data = output.getvalue()
    covered = data[: prepared.reserved_region_start] + data[prepared.reserved_region_end :]
    prepared.fill_with_cms(output, envelope_of(covered))
    return output.getvalue()


def openssl(folder, content, *more):
    """An envelope by the command line."""
    (folder / "content").write_bytes(content)
    command = ["openssl", "cms", "-sign", "-binary", "-outform", "DER", "-md", "sha256", "-in", folder / "content"]
    return subprocess.run([*command, *more], check=True, capture_output=True).stdout


def by(*paths):
    return [word for path in paths for word in ["-signer", path.with_suffix(".pem"), "-inkey", path.with_suffix(".key")]]


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent.parent / "functions/check-upload/tests/envelopes"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        write(out, pathlib.Path(scratch))


def write(out, folder):
    make_authority(folder, "authority", make_key("p256"))
    authority(folder, "authority")
    (out / "anchors.pem").write_bytes((folder / "anchors.pem").read_bytes())
    employer, worker = (person(folder, name) for name in ["employer", "worker"])
    stamper = stamping_authority(folder)
    sent = folder / "sent.pdf"
    sent.write_bytes(contract(b"1500"))

    both = folder / "both.p7m"
    cades(sent, both, [employer, worker])
    for name, in_attributes in [("lt.p7m", False), ("x-l.p7m", True)]:
        (out / name).write_bytes(long_term(both.read_bytes(), folder, stamper, [employer, worker], in_attributes))

    # Algorithms. openssl signs with all but Ed448 (RFC 8419), whose attributes are hashed by SHAKE256.
    brainpool = holder(folder, "brainpool", ec.generate_private_key(ec.BrainpoolP256R1()))
    cades(sent, out / "brainpool.p7m", [brainpool])
    cades(sent, out / "dsa.p7m", [holder(folder, "dsa", dsa.generate_private_key(2048))])
    cades(sent, out / "sha3.p7m", [employer], "-md", "sha3-256")
    goldilocks = holder(folder, "ed448", ed448.Ed448PrivateKey.generate())
    signer = signers.SimpleSigner.load(str(goldilocks.with_suffix(".key")), str(goldilocks.with_suffix(".pem")))
    envelope = signer.async_sign_general_data(
        sent.read_bytes(), "shake256", detached=False, signed_attr_settings=PdfCMSSignedAttributes(signing_time=NOW)
    )
    (out / "ed448.p7m").write_bytes(asyncio.run(envelope).dump())

    # Forms: without signed attributes; of a digest; of two people at once in a PDF, which takes one each.
    (out / "no-attributes.p7m").write_bytes(openssl(folder, sent.read_bytes(), "-nodetach", "-noattr", *by(employer)))
    of_digest = lambda content: openssl(folder, hashlib.sha1(content).digest(), "-nodetach", *by(employer))
    (out / "sha1-of-pdf.pdf").write_bytes(in_pdf(sent.read_bytes(), "/adbe.pkcs7.sha1", of_digest))
    at_once = lambda content: openssl(folder, content, "-cades", *by(employer, worker))
    (out / "two-at-once.pdf").write_bytes(in_pdf(sent.read_bytes(), "/adbe.pkcs7.detached", at_once))

    # Paths through another authority, whose certificate the file brings along.
    make_authority(folder, "unknown", make_key("p256"))
    for name, key, above in [
        ("below", make_key("p256"), "authority"),
        ("below-unknown", make_key("p256"), "unknown"),
        ("below-brainpool", ec.generate_private_key(ec.BrainpoolP256R1()), "authority"),
    ]:
        make_authority(folder, name, key, above)
        of_it = holder(folder, f"of-{name}", make_key("p256"), name)
        more = [folder / f"{name}.pem"] + ([folder / "unknown.pem"] if above == "unknown" else [])
        (folder / "chain.pem").write_bytes(b"".join(one.read_bytes() for one in more))
        cades(sent, out / f"{name}.p7m", [of_it], "-certfile", folder / "chain.pem")
    with_policies = holder(folder, "policies", make_key("p256"), "below", policies=True)
    cades(sent, out / "below-policies.p7m", [with_policies], "-certfile", folder / "below.pem")

    # A certificate that cannot be read, named by its number and by its key.
    odd = with_long_serial(folder, "long-serial")
    cades(sent, out / "long-serial.p7m", [odd])
    cades(sent, out / "long-serial-key.p7m", [odd], "-keyid")

    check(out)


def check(out):
    """openssl takes each envelope whose authority it is told: what the portal refuses of these is good, and only unknown to us."""
    unknown = {"below-unknown.p7m", "ed448.p7m"}
    for path in sorted(out.glob("*.p7m")):
        command = ["openssl", "cms", "-verify", "-inform", "DER", "-binary", "-purpose", "any", "-in", path, "-out", "/dev/null"]
        found = subprocess.run([*command, "-CAfile", out / "anchors.pem"], capture_output=True, text=True)
        if (found.returncode == 0) == (path.name in unknown):
            sys.exit(f"{path.name}: {found.stderr}")


if __name__ == "__main__":
    main()
