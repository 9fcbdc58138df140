"""Tells which permissions of the deployed roles no test has used: candidates for leaving out, not faults by themselves.

Usage: unused.py STACK RECORD, where RECORD is what launcher.py noted while roles were enforced.
"""

import fnmatch
import json
import sys
from urllib.parse import unquote

import boto3

# The emulator does these for a function without asking its role.
BY_THE_PLATFORM = {
    "logs:CreateLogStream", "logs:PutLogEvents",
    "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility",
    "lambda:InvokeFunction", "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams",
}


def listed(value):
    return value if isinstance(value, list) else [value]


def main(stack, record):
    with open(record, encoding="utf-8") as lines:
        used = {tuple(line.split(" ", 2)) for line in lines.read().splitlines()}
    iam = boto3.client("iam")
    pages = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    rows = [row for page in pages for row in page["StackResourceSummaries"] if row["ResourceType"] == "AWS::IAM::Role"]
    given = unused = 0
    for row in rows:
        role = row["PhysicalResourceId"]
        document = iam.get_role_policy(RoleName=role, PolicyName="own")["PolicyDocument"]
        if isinstance(document, str):
            document = json.loads(unquote(document))
        for statement in document["Statement"]:
            for action in listed(statement["Action"]):
                if action in BY_THE_PLATFORM:
                    continue
                for resource in listed(statement["Resource"]):
                    given += 1
                    if not any(
                        one == role and did == action and fnmatch.fnmatchcase(to, resource) for one, did, to in used
                    ):
                        unused += 1
                        print(f"  {row['LogicalResourceId']:<28} {action:<28} {resource.rsplit(':', 1)[-1]}")
    print(f"{given} permissions given, {given - unused} used, {unused} not used by what ran")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
