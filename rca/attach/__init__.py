"""Report -> the incident ticket: a comment on an issue, a new issue, or a webhook.

In: a report, and where it goes. Out: where it stands. Decides what is sent (masked, inert, fitted, marked as ours), and
that it is there once: a comment of an earlier run is written over, and nothing whose fate is unknown is sent again
before it was looked for. What is sent where is a small interface (`Place`); another ticket system is one more module.
"""

from rca.attach.drafting import Draft, as_json, draft
from rca.attach.place import Place, Post, Sink
from rca.attach.sending import Delivered, deliver
from rca.attach.targets import GitHubTarget, Target, WebhookTarget, target_of

__all__ = [
    "Delivered",
    "Draft",
    "GitHubTarget",
    "Place",
    "Post",
    "Sink",
    "Target",
    "WebhookTarget",
    "as_json",
    "deliver",
    "draft",
    "target_of",
]
