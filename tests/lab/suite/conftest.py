"""Where the service is, and one signed-in client a test."""

import os

import pytest

from .client import Staging


@pytest.fixture
def staging() -> Staging:
    """The service under test, seen by the suite's own user."""
    return Staging(os.environ["E2E_BASE_URL"], os.environ.get("E2E_USER", "e2e_gardener"))
