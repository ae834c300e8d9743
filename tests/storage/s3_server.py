"""A stand-in for S3, moto's server, on the loopback interface, and what is in its bucket."""

import json
import logging

import boto3
import requests
from botocore.config import Config
from moto.server import ThreadedMotoServer

BUCKET = "experiments"
EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"},
}


class Storage:
    """A server with one bucket and one user; it can go away and come back with all it had.

    Attributes
    ----------
    address : of the server
    credentials : environment variables with those of the user
    """

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = ThreadedMotoServer("127.0.0.1", 0)
        self._server.start()
        host, self._port = self._server.get_host_and_port()
        self.address = f"http://{host}:{self._port}"
        first = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing"}
        iam = self._client("iam", first)
        iam.create_user(UserName="ann")
        iam.put_user_policy(
            UserName="ann", PolicyName="everything", PolicyDocument=json.dumps(EVERYTHING)
        )
        key = iam.create_access_key(UserName="ann")["AccessKey"]
        self.credentials = {
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        }
        self._s3 = self._client("s3", self.credentials)
        self._s3.create_bucket(Bucket=BUCKET)
        # From now on, moto checks who asks.
        requests.post(f"{self.address}/moto-api/reset-auth", data=b"0", timeout=10)

    def _client(self, service: str, credentials: dict[str, str]):
        return boto3.client(
            service,
            endpoint_url=self.address,
            region_name="us-east-1",
            aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"max_attempts": 0}),
        )

    def go_away(self) -> None:
        self._server.stop()

    def come_back(self) -> None:
        self._server = ThreadedMotoServer("127.0.0.1", self._port)
        self._server.start()

    @property
    def buckets(self) -> list[str]:
        return [each["Name"] for each in self._s3.list_buckets()["Buckets"]]

    def names(self, folder: str) -> set[str]:
        """The names of the objects in a folder of the bucket, without that of the folder."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=BUCKET, Prefix=f"{folder}/"
        )
        found = [each["Key"] for page in pages for each in page.get("Contents", [])]
        return {name.removeprefix(f"{folder}/") for name in found}

    def read(self, name: str) -> bytes:
        return self._s3.get_object(Bucket=BUCKET, Key=name)["Body"].read()
