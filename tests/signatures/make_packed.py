#!/usr/bin/env python3
"""Writes the samples whose revisions are packed anew, with new keys: make_packed.py [FOLDER].

Programs of offices and Acrobat keep what they add in object streams, and annotations of a page in an object of their own.
pyHanko signs, and packs all that may be packed; like make_levels.py this needs pikepdf, too. The keys are thrown away.
"""

import io
import pathlib
import re
import sys
import tempfile

import pikepdf
from make_levels import packed, signed, stamped, stamping_authority, with_validation_data
from make_samples import contract
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers.pdf_byterange import PdfByteRangeDigest
from sign import authority, person

HERE = pathlib.Path(__file__).resolve().parent
NAME = generic.NameObject


def pack_what_is_written():
    """From now on pyHanko's revisions hold their objects in an object stream: all but streams, and signatures, which need a
    place of their own in the file."""
    write_objects = IncrementalPdfFileWriter._write_objects

    def write_packed(writer, out, positions):
        if writer.stream_xrefs:
            inside = writer.prepare_object_stream()
            for (generation, number), value in list(writer.objects.items()):
                is_packable = isinstance(value, (generic.DictionaryObject, generic.ArrayObject)) and not isinstance(
                    value, (generic.StreamObject, PdfByteRangeDigest)
                )
                if generation == 0 and is_packable:
                    inside.add_object(number, value)
                    del writer.objects[(generation, number)]
        write_objects(writer, out, positions)

    IncrementalPdfFileWriter._write_objects = write_packed


def with_list_of_annotations(data):
    """The same contract with a link, in a list of annotations that is an object of its own."""
    with pikepdf.open(io.BytesIO(data)) as document:
        link = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Link,
            Rect=[72, 60, 300, 80],
            A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://www.esempio.example/"),
        )
        document.pages[0].Annots = document.make_indirect(pikepdf.Array([document.make_indirect(link)]))
        out = io.BytesIO()
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        return out.getvalue()


def changed(data, change):
    """A revision in which something is changed on the page."""
    with pikepdf.open(io.BytesIO(data)) as document:
        number = document.pages[0].objgen[0]
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    page = writer.get_object(generic.Reference(number, 0, writer))
    change(writer, page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def turn(writer, page):
    page[NAME("/Rotate")] = generic.NumberObject(180)
    writer.mark_update(page.container_ref)


def write_over(writer, page):
    note = {
        NAME("/Type"): NAME("/Annot"),
        NAME("/Subtype"): NAME("/FreeText"),
        NAME("/Rect"): generic.ArrayObject(map(generic.NumberObject, (72, 760, 500, 790))),
        NAME("/DA"): generic.pdf_string("/F1 12 Tf"),
        NAME("/Contents"): generic.pdf_string("900 euro"),
    }
    writer.register_annotation(page.container_ref, writer.add_object(generic.DictionaryObject(note)))


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent.parent / "functions/check-upload/tests/packed"
    out.mkdir(parents=True, exist_ok=True)
    pack_what_is_written()
    with tempfile.TemporaryDirectory() as scratch:
        write(out, pathlib.Path(scratch))


def write(out, folder):
    authority(folder, "authority")
    (out / "anchors.pem").write_bytes((folder / "anchors.pem").read_bytes())
    employer, worker = (person(folder, name) for name in ["employer", "worker"])
    stamper = stamping_authority(folder)

    def put(name, data):
        is_packed = name != "listed.pdf" and not name.startswith("listed-")
        assert (b"/ObjStm" in data) == is_packed, name
        (out / name).write_bytes(data)
        return data

    def of_both(data):
        return signed(signed(data, worker, folder, stamper), employer, folder, stamper)

    listed = put("listed.pdf", with_list_of_annotations(contract(b"1500")))
    put("listed-both.pdf", of_both(listed))
    put("listed-note-over.pdf", of_both(changed(listed, write_over)))

    sent = put("sent.pdf", packed(listed))
    both = put("both.pdf", of_both(sent))
    # Each signature and each proof is a revision with an object stream of its own.
    assert len(re.findall(rb"/ObjStm", both)) == 3
    proven = with_validation_data(both, folder, employer, worker)
    put("both-lta.pdf", stamped(proven, stamper, "Marca1"))
    put("turned.pdf", of_both(changed(sent, turn)))
    put("note-over.pdf", of_both(changed(sent, write_over)))
    # The worker signed; the employer turns the page and signs the whole.
    put("turned-between.pdf", signed(changed(signed(sent, worker, folder, stamper), turn), employer, folder, stamper))
    put("turned-after.pdf", changed(both, turn))


if __name__ == "__main__":
    main()
