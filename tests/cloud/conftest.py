"""What the tests of the cloud share."""

import pytest

from tests.cloud.clients import SERVERS


@pytest.fixture(params=SERVERS)
def transport(request: pytest.FixtureRequest) -> str:
    """Grpc or http: a test that asks for it runs over both."""
    return str(request.param)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A table of what each fault led to stands at the end of the tests' output."""
    told = [
        value
        for report in terminalreporter.getreports("passed")
        for name, value in getattr(report, "user_properties", ())
        if name == "fault" and report.when == "call"
    ]
    if told:
        terminalreporter.section("faults of Cloud Logging, and how a pull ends")
        for fault, transport, ended, calls, says in sorted(told):
            terminalreporter.write_line(
                f"{fault:<40} {transport:<5} {ended:<12} {calls:>3} calls  {says[:90]}"
            )
