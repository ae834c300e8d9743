"""The stand-in for S3 that all tests here share: moto keeps one state per process."""

import pytest


@pytest.fixture(scope="session")
def storage():
    pytest.importorskip("moto", reason="make test-s3 installs the stand-in for S3")
    from s3_server import Storage

    server = Storage()
    yield server
    server.go_away()
