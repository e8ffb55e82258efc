"""The lab's suite and app are run by the recorder, in processes of their own, not collected from here."""

collect_ignore_glob = ["suite/*", "apps/*"]
