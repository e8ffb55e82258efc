"""Scenario and seed -> the same fault under other names: service, words, dialect, noise, clock.

Seed 1 leaves a scenario as it stands; so a ranking that learned its words by heart fails on the other seeds.
"""

import importlib.util
import random
import zlib
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
_USER = "e2e_gardener"
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
_PARLEY_WORDS: Mapping[str, tuple[str, ...]] = {
    "best_bed": ("choose_bed", "bed_for_crop", "suited_bed"),
    "spacing_cm": ("gap_cm", "distance_of", "room_for"),
    "SPACING_CM": ("GAPS", "DISTANCES", "ROOM"),
    "topics": ("crops_grown", "history", "themes"),
    "note_session": ("count_session", "count_up", "tally"),
    "on_run": ("handle_run", "start_run", "do_run"),
    "on_describe": ("handle_describe", "tell_self", "do_describe"),
    "_frost_warning": ("_hail_warning", "_gale_warning", "_heat_warning"),
    "frost": ("hail", "gale", "heat"),
    "_frost": ("_hail", "_gale", "_heat"),
    "parcel": ("packet", "letter", "crate"),
    "_postage": ("_carriage", "_freight", "_toll"),
    "gardener": ("member", "holder", "keeper"),
    "swept": ("dropped", "purged", "cleared"),
    "snapshot": ("backup", "archive", "dump"),
    "broke": ("fell", "went", "tore"),
}
_MORE_WORDS: Mapping[str, tuple[str, ...]] = {
    "listener": ("hearer", "patron_of", "dancer"),
    "Shelf": ("Rack", "Stack", "Cabinet"),
    "spin": ("play_it", "turn", "whirl"),
    "needle": ("stylus", "arm", "pickup"),
    "manifest_of": ("cargo_of", "freight_of", "load_of"),
    "lane_of": ("deck_of", "row_of", "bay_of"),
    "cell_of": ("comb_of", "wax_of", "chamber_of"),
    "store": ("put_by", "keep_in", "lay_up"),
    "forage": ("gather", "collect", "harvest"),
    "flight": ("trip", "outing", "sortie"),
    "mould": ("form_of", "die_of", "cast_of"),
    "mark_of": ("sign_of", "stamp_of", "seal_of"),
    "heat": ("melt", "charge", "batch"),
    "bay": ("room", "corner", "alcove"),
    "visit": ("sojourn", "stay", "call_on"),
    "train": ("engine", "tram", "railcar"),
    "film": ("plate", "negative", "spool"),
    "expose": ("print_of", "enlarge", "burn_in"),
    "mug": ("glass", "tankard", "pint"),
    "cask_of": ("barrel_of", "keg_of", "tun_of"),
    "roadTo": ("wayTo", "routeTo", "laneTo"),
    "accountOf": ("purseOf", "ledgerOf", "balanceOf"),
    "barrier": ("gate", "boom", "bar"),
    "sender": ("caller", "origin", "writer_of"),
    "line_to": ("route_to", "path_to", "cable_to"),
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
_MORE_JOURNALS = {**_JOURNALS, "basic": "", "ecs": "", "logfmt": "", "structlog_dicts": "structlog"}
_NODE_LOGS = ("winston", "console", "json")
_DIALECTS = ("text", "dated", "json", "bare")
_SKEWS_S = (0.0, 0.0, -23.0, 38.0, -90.0, 90.0)
_FIRST_APPS = frozenset(("consulate", "harvest-aio", "kestrel", "mooring", "relay-node", "tidewatch"))


def _words(app: str, dice: random.Random) -> dict[str, str]:
    more: Mapping[str, tuple[str, ...]] = {}
    if app not in _FIRST_APPS:
        more = _PARLEY_WORDS if app == "parley-api" else _MORE_WORDS
    return {word: dice.choice(others) for word, others in (*_WORDS.items(), *more.items())}


def _journal(scenario: Scenario, dice: random.Random) -> str:
    """Another dialect; bare prints stay, since what is printed is all there is."""
    if scenario.journal in ("", "prints"):
        return scenario.journal
    known = _JOURNALS if scenario.app in _FIRST_APPS else _MORE_JOURNALS
    return dice.choice(
        [name for name, needs in known.items() if not needs or importlib.util.find_spec(needs)]
    )


def _expected(expected: Expected, words: Mapping[str, str], user: str) -> Expected:
    def told(text: str) -> str:
        return in_words(text, words).replace(_USER, user)

    place = expected.place and replace(
        expected.place, function=told(expected.place.function), text=told(expected.place.text)
    )
    return replace(
        expected,
        place=place,
        message_contains=tuple(told(text) for text in expected.message_contains),
        evidence=tuple(told(text) for text in expected.evidence),
        red_herrings=tuple(told(text) for text in expected.red_herrings),
        explanation=told(expected.explanation),
    )


def varied(scenario: Scenario, seed: int) -> Scenario:
    """The scenario as this seed tells it; the cause, and what the log says of it, are the same.

    What a scenario chose that is not the usual (a dialect, a clock, how tracebacks arrive, which files there are) is
    part of its story and stays.
    """
    if seed == 1 or scenario.day:
        return scenario
    dice = seeded(seed + zlib.crc32(scenario.name.encode()))
    words = _words(scenario.app, dice)
    user = dice.choice(("qa_bot", "e2e-runner", "smoke_user_7"))
    # A rollout names revisions of the scenario's own service.
    service = scenario.service if scenario.strikes else dice.choice(_SERVICES)
    report = not scenario.junit or dice.random() < 0.7
    environment = scenario.environment
    if scenario.app == "tollbooth":
        environment = {"LOG": dice.choice(_NODE_LOGS), **environment}
    chatters = scenario.traffic.chatters
    return replace(
        scenario,
        service=service,
        journal=_journal(scenario, dice),
        dialect=dice.choice(_DIALECTS) if scenario.dialect == "text" else scenario.dialect,
        environment=environment,
        words=words,
        suite_environment={"E2E_USER": user, **scenario.suite_environment},
        traffic=replace(
            scenario.traffic,
            chatters=max(1, chatters + dice.randrange(-1, 3)) if chatters else 0,
            poll_pause_s=dice.uniform(0.7, 2.2),
        ),
        traces=dice.choice(("lines", "joined", "cut")) if scenario.traces == "lines" else scenario.traces,
        skew_s=scenario.skew_s or dice.choice(_SKEWS_S),
        report=report,
        junit=scenario.junit and (not report or dice.random() < 0.8),
        report_times=scenario.report_times and dice.random() < 0.6,
        expected=_expected(scenario.expected, words, user),
    )
