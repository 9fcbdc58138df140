"""Puts the built pages into the bucket of the site and has publish-facts fill their regions (docs/adr/0036).

Usage: put_pages.py FOLDER BUCKET FUNCTION. Files of earlier builds stay: pages that are open still ask for them.
"""

import json
import mimetypes
import pathlib
import sys

import boto3

FOR_GOOD = "public, max-age=31536000, immutable"
FOR_A_MINUTE = "public, max-age=60"


def put(s3, folder, bucket, file):
    key = file.relative_to(folder).as_posix()
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    kept = FOR_GOOD if key.startswith("assets/") else FOR_A_MINUTE
    s3.put_object(Bucket=bucket, Key=key, Body=file.read_bytes(), ContentType=kind, CacheControl=kept)


def main(folder, bucket, function):
    folder = pathlib.Path(folder)
    files = [file for file in folder.rglob("*") if file.is_file()]
    # What pages need is there before the pages.
    files.sort(key=lambda file: (file.suffix == ".html", file))
    s3 = boto3.client("s3")
    for file in files:
        put(s3, folder, bucket, file)
    answer = boto3.client("lambda").invoke(FunctionName=function, Payload=json.dumps({"publish": "pages"}))
    said = answer["Payload"].read().decode()
    if "FunctionError" in answer:
        sys.exit(f"the pages are in the bucket, but their regions are not filled: {said}")
    print(f"{len(files)} files; filled: {said}")


if __name__ == "__main__":
    main(*sys.argv[1:])
