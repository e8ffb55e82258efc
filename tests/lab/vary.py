"""Scenario and seed -> the same fault under other names: service, words, dialect, noise, clock.

Seed 1 leaves a scenario as it stands; so a ranking that learned its words by heart fails on the other seeds.
"""

import importlib.util
from collections.abc import Mapping
from dataclasses import replace

from tests.lab.entries import seeded
from tests.lab.scenario import Expected, Scenario, in_words
from tests.lab.service import Service

_SERVICES = (
    Service("brook-canary", "700412998153", "europe-west6", "parlour-ws", "parlour-ws-00014-kib"),
    Service("dune-uat-2", "155630047812", "us-east1", "rt-gateway", "rt-gateway-00421-wel"),
    Service("fjord-integration", "934008127746", "asia-northeast2", "live-chat", "live-chat-00006-hux"),
    Service("mesa-preprod", "286174405539", "me-west1", "assist-sock", "assist-sock-00093-mop"),
)
# Of equal length, since some faults count letters.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "leek": ("beet", "okra", "kale"),
    "bean": ("corn", "peas", "taro"),
    "squash": ("radish", "carrot", "turnip"),
    "visitor": ("caller", "member", "client"),
    "guest": ("patron", "rider", "pupil"),
    "berth": ("slip_for", "dock_of", "lane"),
    "knot_of": ("hitch_of", "state_of", "thread_of"),
    "bed_for": ("plot_for", "site_of", "spot_for"),
    "bed_of": ("plot_of", "site_of", "shelf_of"),
    "card_of": ("sheet_of", "profile_of", "entry_of"),
    "cardOf": ("sheetOf", "profileOf", "entryOf"),
    "bedOf": ("plotOf", "siteOf", "shelfOf"),
}
_JOURNALS = {
    "stdlib": "",
    "jsonlogger": "pythonjsonlogger",
    "cloud_json": "",
    "structlog_json": "structlog",
    "structlog_console": "structlog",
    "loguru_text": "loguru",
    "loguru_json": "loguru",
}


def _expected(expected: Expected, words: Mapping[str, str]) -> Expected:
    place = expected.place and replace(
        expected.place,
        function=in_words(expected.place.function, words),
        text=in_words(expected.place.text, words),
    )
    return replace(
        expected,
        place=place,
        message_contains=tuple(in_words(text, words) for text in expected.message_contains),
        evidence=tuple(in_words(text, words) for text in expected.evidence),
        red_herrings=tuple(in_words(text, words) for text in expected.red_herrings),
        explanation=in_words(expected.explanation, words),
    )


def varied(scenario: Scenario, seed: int) -> Scenario:
    """The scenario as this seed tells it; the cause, and what the log says of it, are the same."""
    if seed == 1 or scenario.day or scenario.app == "parley-api":
        return scenario
    dice = seeded(seed)
    words = {word: dice.choice(others) for word, others in _WORDS.items()}
    # A rollout names revisions of the scenario's own service.
    service = scenario.service if scenario.strikes else dice.choice(_SERVICES)
    journal = scenario.journal
    if journal and journal != "prints":
        here = [name for name, needs in _JOURNALS.items() if not needs or importlib.util.find_spec(needs)]
        journal = dice.choice(here)
    return replace(
        scenario,
        service=service,
        journal=journal,
        words=words,
        suite_environment={
            "E2E_USER": dice.choice(("qa_bot", "e2e-runner", "smoke_user_7")),
            **scenario.suite_environment,
        },
        traffic=replace(
            scenario.traffic,
            chatters=max(0, scenario.traffic.chatters + dice.randrange(-1, 3))
            if scenario.traffic.chatters
            else 0,
            poll_pause_s=dice.uniform(0.7, 2.2),
        ),
        traces=dice.choice(("lines", "joined", "cut")),
        skew_s=dice.choice((0.0, 0.0, -23.0, 38.0)),
        report=dice.random() < 0.7,
        report_times=dice.random() < 0.6,
        expected=_expected(scenario.expected, words),
    )
