"""Commands that mend or tell, ready for a shell: values from outside are quoted."""

from dataclasses import replace
from math import ceil
from shlex import quote
from urllib.parse import urlsplit

from rca.sources.cloud.refusals import MEMBER, About, Refusal, listing
from rca.sources.origin import Origin

_MOST_DAYS = 3650
"""Source: Logging, retention of a log bucket."""


def mending(refusal: Refusal, origin: Origin, member: str) -> str:
    """What mends the cause of a refusal; `member` is whose credentials were refused, quoted already."""
    if refusal.about is About.ENDPOINT:
        return reach(origin.endpoint)
    if refusal.about is About.QUOTA:
        return f"sleep 60; rca doctor {_named(origin)}"
    if refusal.about is About.QUERY:
        return listing(
            origin
        )  # the query is ours: what the API did not like is the name of what it is asked of
    if refusal.about is About.CREDENTIALS and origin.plain:
        return f"rca doctor {_named(replace(origin, endpoint=None))}"
    return refusal.error.hint.replace(MEMBER, member)


def reach(endpoint: str | None) -> str:
    """Tells whether anything answers at an endpoint."""
    parts = urlsplit(endpoint or "https://logging.googleapis.com")
    if parts.scheme == "grpc":
        return f"nc -vz -w 10 {quote(parts.hostname or '')} {parts.port}"
    return f"curl -sS --max-time 10 -o /dev/null -w '%{{http_code}}\\n' {quote(parts.geturl())}"


def retention(origin: Origin) -> str:
    """Tells for how many days the logs are kept."""
    return f"gcloud logging buckets describe {_bucket(origin)} --format='value(retentionDays)'"


def keep(origin: Origin, days: float) -> str:
    """Keeps logs for so many days from now on, or as long as Logging does."""
    return f"gcloud logging buckets update {_bucket(origin)} --retention-days={min(ceil(days), _MOST_DAYS)}"


def services(origin: Origin) -> str:
    """Lists the Cloud Run services of a project with their addresses."""
    return f"gcloud run services list --project={quote(origin.projects[0])}"


def revisions(origin: Origin, service: str | None, region: str | None) -> str:
    """Lists the revisions, of one service where it is known."""
    of_service = f" --service={quote(service)}" if service else ""
    in_region = f" --region={quote(region)}" if region else ""
    return f"gcloud run revisions list{of_service}{in_region} --project={quote(origin.projects[0])}"


def with_service(origin: Origin, service: str, cycle: int | None) -> str:
    """The report on this service's logs."""
    of_cycle = "" if cycle is None else f" --cycle {cycle}"
    return f"rca why{of_cycle} {_named(origin)} --service {quote(service)}"


def _named(origin: Origin) -> str:
    places = {"endpoint": origin.endpoint, "bucket": origin.bucket, "view": origin.view}
    if origin.bucket or origin.view:
        places["location"] = origin.location
    options = [f"--project {quote(project)}" for project in origin.projects]
    return " ".join([*options, *(f"--{name} {quote(place)}" for name, place in places.items() if place)])


def _bucket(origin: Origin) -> str:
    place = f"--location={quote(origin.location)} --project={quote(origin.projects[0])}"
    return f"{quote(origin.bucket or '_Default')} {place}"
