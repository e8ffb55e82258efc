"""More servers with nothing broken: loud innocent errors, all tests green."""

from tests.lab.more_servers import (
    APIARY,
    BREWHOUSE,
    DARKROOM,
    FERRY,
    FOUNDRY,
    INFIRMARY,
    JUKEBOX,
    SWITCHYARD,
    TELEGRAPH,
    TOLLBOOTH,
)

SCENARIOS = (
    APIARY,
    BREWHOUSE,
    DARKROOM,
    FERRY,
    FOUNDRY,
    INFIRMARY,
    JUKEBOX,
    SWITCHYARD,
    TELEGRAPH,
    TOLLBOOTH,
)
