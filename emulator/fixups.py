"""Sets by API what the emulator accepts in the template and ignores, and what a test that was killed had switched off;
then prints the stack's outputs as JSON.

Usage: fixups.py STACK. The processed template stays the only source: nothing here names a resource of ours.
"""

import json
import sys

import boto3


def set_time_to_live(name, properties):
    wanted = properties.get("TimeToLiveSpecification")
    table = boto3.client("dynamodb")
    if wanted and table.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"] == "DISABLED":
        table.update_time_to_live(
            TableName=name,
            TimeToLiveSpecification={"AttributeName": wanted["AttributeName"], "Enabled": wanted["Enabled"]},
        )


def set_point_in_time_recovery(name, properties):
    wanted = properties.get("PointInTimeRecoverySpecification")
    if wanted:
        boto3.client("dynamodb").update_continuous_backups(
            TableName=name,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": wanted["PointInTimeRecoveryEnabled"]},
        )


def set_bucket(name, properties):
    s3 = boto3.client("s3")
    if lock := properties.get("ObjectLockConfiguration"):
        s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=lock)
    if encryption := properties.get("BucketEncryption"):
        rules = [
            {"ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"]}
            for rule in encryption["ServerSideEncryptionConfiguration"]
        ]
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})


def set_cors(name, properties):
    if cors := properties.get("CorsConfiguration"):
        boto3.client("apigatewayv2").update_api(ApiId=name, CorsConfiguration=cors)


def set_concurrency(name, properties):
    reserved = properties.get("ReservedConcurrentExecutions")
    if isinstance(reserved, int):
        boto3.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)


def switch_on(name, properties):
    # A test run that is killed while a source is off leaves it off, and every later test that waits for it fails.
    client, wanted = boto3.client("lambda"), properties.get("Enabled", True) is not False
    if (client.get_event_source_mapping(UUID=name)["State"] == "Enabled") != wanted:
        client.update_event_source_mapping(UUID=name, Enabled=wanted)


FIXUPS = {
    "AWS::DynamoDB::Table": [set_time_to_live, set_point_in_time_recovery],
    "AWS::S3::Bucket": [set_bucket],
    "AWS::ApiGatewayV2::Api": [set_cors],
    "AWS::Lambda::Function": [set_concurrency],
    "AWS::Lambda::EventSourceMapping": [switch_on],
}


def main(stack):
    cloudformation = boto3.client("cloudformation")
    template = cloudformation.get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
    resources = (json.loads(template) if isinstance(template, str) else template)["Resources"]
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    for deployed in (row for page in pages for row in page["StackResourceSummaries"]):
        properties = resources.get(deployed["LogicalResourceId"], {}).get("Properties", {})
        for fixup in FIXUPS.get(deployed["ResourceType"], []):
            fixup(deployed["PhysicalResourceId"], properties)
    outputs = cloudformation.describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", [])
    print(json.dumps({output["OutputKey"]: output["OutputValue"] for output in outputs}))


if __name__ == "__main__":
    main(sys.argv[1])
