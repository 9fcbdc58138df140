"""Moves the messages of a dead-letter queue back to the queue they failed in: receive, send, delete.

Usage: redrive.py STACK QUEUE. StartMessageMoveTask is unknown to the emulator; this works there and on AWS.
"""

import sys

import boto3


def main(stack, queue):
    sqs = boto3.client("sqs")
    try:
        dead = sqs.get_queue_url(QueueName=f"{stack}-{queue}-dead")["QueueUrl"]
        alive = sqs.get_queue_url(QueueName=f"{stack}-{queue}")["QueueUrl"]
    except sqs.exceptions.QueueDoesNotExist:
        known = "history, urgent, bulk, enrich, facts, documents, consulate or uploads"
        sys.exit(f"No queue {queue!r} with a dead-letter queue in stack {stack}: try {known}")
    moved = 0
    while messages := sqs.receive_message(QueueUrl=dead, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages"):
        for message in messages:
            # Sent first: a crash in between repeats a message, which every consumer bears; the other order loses one.
            sqs.send_message(QueueUrl=alive, MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
            moved += 1
    print(f"{moved} message(s) went back to {queue}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
