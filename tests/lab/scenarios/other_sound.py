"""Other servers with nothing broken: loud innocent errors, all tests green."""

from tests.lab.servers import CONSULATE, HARVEST, KESTREL, MOORING, RELAY, TIDEWATCH

SCENARIOS = (TIDEWATCH, HARVEST, KESTREL, MOORING, CONSULATE, RELAY)
