"""The service in an address that Cloud Run gave it: rca/sources/cloud/services.py."""

import time

import pytest
from hypothesis import given, settings, strategies as st

from rca.sources.cloud.services import service_in
from tests.examples import examples

LETTERS = "abcdefghijklmnopqrstuvwxyz"
names = st.from_regex(r"[a-z](-?[a-z0-9]){0,30}", fullmatch=True)
"""Services: letters, digits and single hyphens, a letter first. Source: Cloud Run, services."""

hashes = st.text(LETTERS + "0123456789", min_size=10, max_size=10)
projects = st.integers(10**11, 10**13 - 1)
FEW = settings(max_examples=examples(25))


@pytest.mark.parametrize(
    ("host", "service"),
    [
        ("cart-4fq7xk2mna-uc.a.run.app", "cart"),
        ("cart-api-4fq7xk2mna-ew.a.run.app", "cart-api"),
        ("cart-318204775610.europe-west4.run.app", "cart"),
        ("cart-v2-318204775610.us-central1.run.app", "cart-v2"),
        ("blue---cart-4fq7xk2mna-uc.a.run.app", "cart"),
        ("pr-17---cart-api-318204775610.europe-west4.run.app", "cart-api"),
        ("CART-4fq7xk2mna-UC.a.run.app", "cart"),
        ("cart.example", None),
        ("run.app", None),
        ("a.run.app", None),
        ("cart.a.run.app", None),
        ("cart-4fq7xk2mna-uc.a.run.app.example", None),
        ("cart-4fq7xk2mna-uc-a-run.app", None),
        ("cart-4fq7xk2mna-uc.axrun.app", None),
        ("evil.example/cart-4fq7xk2mna-uc.a.run.app", None),
        ("user@cart-4fq7xk2mna-uc.a.run.app", None),
        ("cart-4fq7xk2mna-uc.a.run.app\n", None),
        ("127.0.0.1", None),
        ("[::1]", None),
        ("", None),
    ],
)
def test_a_host_tells_its_service_or_nothing(host: str, service: str | None) -> None:
    """Both forms of Cloud Run's own addresses, with a tag or without; a domain of one's own tells nothing."""
    assert service_in(host) == service


@FEW
@given(name=names, code=hashes, region=st.sampled_from(["uc", "ew", "an", "nn", "as"]))
def test_any_service_is_found_in_its_older_address(name: str, code: str, region: str) -> None:
    """Whatever hyphens and digits a name holds, it is told from the hash and the region behind it."""
    assert service_in(f"{name}-{code}-{region}.a.run.app") == name


@FEW
@given(name=names, project=projects, region=st.sampled_from(["us-central1", "europe-west12"]))
def test_any_service_is_found_in_its_newer_address(name: str, project: int, region: str) -> None:
    """A name that ends in a number is told from the project's number behind it."""
    assert service_in(f"{name}-{project}.{region}.run.app") == name


@FEW
@given(tag=names, name=names, project=projects)
def test_a_traffic_tag_is_no_part_of_the_name(tag: str, name: str, project: int) -> None:
    """What stands before three hyphens names a revision's tag."""
    assert service_in(f"{tag}---{name}-{project}.us-east1.run.app") == name


@given(host=st.text())
def test_any_text_is_a_host_or_none(host: str) -> None:
    """What is found is a name that a query can hold; nothing raises."""
    found = service_in(host)
    assert found is None or found.replace("-", "").isalnum()


@pytest.mark.parametrize("piece", ["a---", "a-", "a-1234567890-a", "a-123456.a-", "-"])
def test_a_giant_host_takes_no_time(piece: str) -> None:
    """The pattern does not try its way through a text that is no host name."""
    started = time.process_time()
    assert service_in(piece * 50_000 + ".run.app") is None
    assert time.process_time() - started < 5
