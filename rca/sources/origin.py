"""Whose logs are read, and by which selection: what a recording must share with a question to answer it."""

from dataclasses import dataclass

from rca.errors import UsageError

_MOST_RESOURCES = 100
"""Source: entries.list reference, resource_names."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where in Cloud Logging the entries lie, and which of them are wanted."""

    projects: tuple[str, ...]
    endpoint: str | None = None
    """`grpc://host:port` or `http://host:port` without TLS and credentials, `https://host`; None for Google's own."""

    bucket: str | None = None
    location: str = "global"
    view: str | None = None
    services: tuple[str, ...] = ()
    """Cloud Run services; empty until they are found, or for all."""

    wanted: str | None = None
    """The user's own filter in the Logging query language."""

    @property
    def plain(self) -> bool:
        """Whether the endpoint is called without TLS and credentials."""
        return self.endpoint is not None and not self.endpoint.startswith("https:")

    @property
    def resources(self) -> tuple[str, ...]:
        """The resource names that are read: the projects, or one view of a bucket in each."""
        names = tuple(f"projects/{project}" for project in self.projects)
        if self.bucket is None and self.view is None:
            return names
        place = (
            f"locations/{self.location}/buckets/{self.bucket or '_Default'}/views/{self.view or '_AllLogs'}"
        )
        return tuple(f"{name}/{place}" for name in names)

    @property
    def told(self) -> str:
        """What a report calls it."""
        projects = ", ".join(self.projects)
        place = f", view {self.view or '_AllLogs'} of bucket {self.bucket or '_Default'}"
        return f"Cloud Logging, project {projects}" + (place if self.bucket or self.view else "")


def checked(origin: Origin) -> Origin:
    """The origin itself. Raises `UsageError` where Logging could not be asked so."""
    if not origin.projects:
        raise UsageError(
            "no project is named", "name it with --project, RCA_PROJECTS or `projects` in rca.toml"
        )
    if len(origin.projects) > _MOST_RESOURCES:
        raise UsageError(f"{len(origin.projects)} projects are more than one query can ask", "name up to 100")
    for project in origin.projects:
        if not project or "/" in project or not project.isprintable() or " " in project:
            raise UsageError(f'"{project}" is no project id', "gcloud projects list shows the ids")
    return origin
