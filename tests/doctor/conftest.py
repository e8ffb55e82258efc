"""What the doctor's tests share."""

import pytest

from tests.cloud.clients import SERVERS


@pytest.fixture(params=SERVERS)
def transport(request: pytest.FixtureRequest) -> str:
    """Grpc or http: a test that asks for it runs over both."""
    return str(request.param)
