"""What all tests share: the option that rewrites golden files, and no settings from outside."""

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update-stories`: write fixtures/cycle-N/expected anew; the diff is to be read like code."""
    parser.addoption(
        "--update-stories", action="store_true", help="rewrite the golden files of fixtures/cycle-N/expected"
    )


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """No RCA_* variable of whoever runs the tests reaches them."""
    for name in [name for name in os.environ if name.startswith("RCA_")]:
        monkeypatch.delenv(name)
