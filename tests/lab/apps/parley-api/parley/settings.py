"""Environment -> Settings. Decides nothing beyond defaults."""

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """What an instance is told by its environment."""

    dialect: str
    token_key: str
    store_address: str
    almanac_address: str
    job_pace_s: float
    seed: int
    chained_noise: bool


def load() -> Settings:
    """Settings hold what the environment says, else what suits a small staging service."""
    return Settings(
        dialect=os.environ.get("PARLEY_LOG", "text"),
        token_key=os.environ.get("PARLEY_TOKEN_KEY", "made-up-staging-key"),
        store_address=os.environ.get("PARLEY_STORE", ""),
        almanac_address=os.environ.get("PARLEY_ALMANAC", ""),
        job_pace_s=float(os.environ.get("PARLEY_JOB_PACE", "1.5")),
        seed=int(os.environ.get("PARLEY_SEED", "0")),
        chained_noise=os.environ.get("PARLEY_CHAINED_NOISE", "") == "1",
    )
