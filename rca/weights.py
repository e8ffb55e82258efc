"""Every threshold and weight that decides an answer, from weights.toml, as one frozen value."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

import msgspec


@dataclass(frozen=True, slots=True)
class WindowWeights:
    """Which stretch of the logs is read."""

    short_s: float
    clock_slack_s: float
    stated_slack_s: float
    zone_slack_h: float
    date_span_h: float
    moment_s: float
    burst_gap_s: float
    pad_before_s: float
    pad_after_s: float


@dataclass(frozen=True, slots=True)
class AlignWeights:
    """What makes requests this run's: costs, lower is better."""

    empty_socket_test: float
    empty_other_test: float
    skipped_socket: float
    skipped_request: float
    foreign_socket: float
    wrong_kind: float
    unsaid_kind: float
    not_its_path: float
    overlap: float
    sequel: float
    duration_weight: float
    outlives_weight: float
    start_weight: float
    offset_weight: float
    outcome_weight: float
    address_weight: float
    max_block: int
    max_offset_s: float
    fit_cost: float
    clear_margin: float


@dataclass(frozen=True, slots=True)
class TieWeights:
    """How near an event must be to a socket to belong to it."""

    tail_s: float
    together_s: float
    late_s: float
    near_s: float
    stamp_s: float
    flush_s: float
    startup_s: float
    id_open_s: float


@dataclass(frozen=True, slots=True)
class RankWeights:
    """What makes a suspect the cause."""

    chance: float
    smoothing: float
    outlived: float
    outlived_s: float
    nearly_all: float
    few_good: int
    common: float
    clear_score: float
    good_cap: float
    single_cap: float
    mechanism_penalty: float
    warning_penalty: float
    symptom_penalty: float
    trace_bonus: float
    tie_bonus: float
    broken_bonus: float
    reason_bonus: float
    last_bonus: float
    silence_s: float
    silence_ratio: float


@dataclass(frozen=True, slots=True)
class ConfidenceWeights:
    """How sure an answer is, by the grounds it rests on: the curve of rca.confidence."""

    base: float
    named: float
    told: float
    last: float
    typed: float
    traced: float
    symptom: float
    compared: float
    share: float
    surprise: float
    surprise_most: float
    margin: float
    margin_most: float
    most: float
    untyped_most: float
    contrast_least: float


@dataclass(frozen=True, slots=True)
class Weights:
    """All of weights.toml."""

    window: WindowWeights
    align: AlignWeights
    tie: TieWeights
    rank: RankWeights
    confidence: ConfidenceWeights


@cache
def weights() -> Weights:
    """The shipped weights; a missing, unknown or mistyped key raises `msgspec.ValidationError`."""
    text = resources.files("rca").joinpath("weights.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Weights, strict=True)
