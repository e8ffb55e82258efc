"""`gcloud`'s printed tables are read as entries."""

from datetime import timedelta
from pathlib import Path

from tests.sources.exporting import START
from tests.sources.test_files import pulled

TABLE = b"""\
TIMESTAMP                    SEVERITY  SERVICE_NAME  TEXT_PAYLOAD
2026-03-04T05:00:02.000000Z  ERROR     cart          Traceback (most recent call last):
                                                       File "/srv/shop/cart.py", line 41, in add_item

                                                     KeyError: 12
2026-03-04T05:00:01.000000Z            cart          ERROR:    basket gone
2026-03-04T05:00:00.000000Z  WARNING
"""


def test_rows_go_on_over_lines_and_keep_their_indentation(tmp_path: Path) -> None:
    """A trace printed over several lines of one cell is one text, with its blank lines."""
    given = pulled(tmp_path, TABLE, name="logs.txt")
    empty, gone, trace = given.entries
    assert (empty.text, empty.severity.name, empty.at) == ("", "WARNING", START)
    assert (gone.message, gone.severity.name, gone.ref.line) == ("basket gone", "ERROR", 6)
    assert trace.text == (
        'Traceback (most recent call last):\n  File "/srv/shop/cart.py", line 41, in add_item\n\nKeyError: 12'
    )
    assert (trace.service, trace.at, trace.ref.line) == ("cart", START + timedelta(seconds=2), 2)


def test_a_json_message_column_is_the_message(tmp_path: Path) -> None:
    """A column of another name is a field of the JSON payload."""
    table = b"TIMESTAMP                    MESSAGE\n2026-03-04T05:00:02.000000Z  basket gone\n"
    (entry,) = pulled(tmp_path, table).entries
    assert (entry.text, entry.payload) == ("basket gone", {"message": "basket gone"})
