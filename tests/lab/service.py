"""The service as Cloud Run knows it: names, resource labels, host."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    """One Cloud Run service and the revision that serves."""

    project: str = "larkfield-staging"
    number: str = "318204775610"
    location: str = "europe-west4"
    name: str = "parley-api"
    revision: str = "parley-api-00087-tuv"

    @property
    def host(self) -> str:
        """The host name of the service's URL."""
        return f"{self.name}-{self.number}.{self.location}.run.app"

    def resource(self, revision: str | None = None) -> dict[str, object]:
        """The monitored resource of an entry; `revision` where it is not the one that serves."""
        return {
            "type": "cloud_run_revision",
            "labels": {
                "project_id": self.project,
                "location": self.location,
                "service_name": self.name,
                "revision_name": self.revision if revision is None else revision,
                "configuration_name": "" if revision == "" else self.name,
            },
        }

    def log_name(self, log: str) -> str:
        """The full name of a log of Cloud Run's, `stderr` for one."""
        return f"projects/{self.project}/logs/run.googleapis.com%2F{log.replace('/', '%2F')}"
