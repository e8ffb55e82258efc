"""FastAPI with dependencies: secrets, codes told elsewhere, late lines of another logger, tables, migrations."""

from dataclasses import replace

from tests.lab.more_servers import INFIRMARY, stand_in
from tests.lab.scenario import Edit, Expected, Place

_NOISE = ("temperature not taken", "substring not found", "linen short")
_CHART = """        await asyncio.sleep(0.06)
        return {"patient": patient, "lines": len(_CHARTS.get(patient, ()))}
"""

SECRET = replace(
    INFIRMARY,
    name="depends-secret-missing",
    title="A mounted secret is not there, found at request time",
    story="Charts are sealed with a key from a mounted secret. The mount is missing in this environment:"
    " FileNotFoundError, chained into SealError; caught, logged with its traceback.",
    environment={"JOURNAL_TRACE": "1", "CHART_SEAL": "/secrets/chart-seal/latest"},
    skew_s=90.0,
    edits=(
        Edit("infirmary/wards.py", "import asyncio\n", "import asyncio\nimport os\nimport pathlib\n"),
        Edit(
            "infirmary/wards.py",
            "class Ward:\n",
            '''class SealError(RuntimeError):
    """Charts cannot be sealed."""


def seal() -> str:
    """The key that charts are sealed with."""
    try:
        return pathlib.Path(os.environ["CHART_SEAL"]).read_text()
    except OSError as error:
        raise SealError("chart seal not configured") from error


class Ward:
''',
        ),
        Edit("infirmary/wards.py", '"lines": len(_CHARTS.get(patient, ()))}', '"seal": seal()[:4]}'),
    ),
    expected=Expected(
        category="configuration_error",
        exception="FileNotFoundError",
        exception_any=("SealError", "OSError"),
        message_contains=("/secrets/chart-seal/latest", "chart seal not configured"),
        place=Place("infirmary/wards.py", "seal", "read_text()"),
        evidence=("/secrets/chart-seal/latest", "chart seal not configured"),
        red_herrings=_NOISE,
        explanation="The secret /secrets/chart-seal/latest is not mounted: FileNotFoundError in seal, under SealError.",
    ),
)

CODES = replace(
    INFIRMARY,
    name="depends-error-code",
    title="`E1042` closes the visit; what it means stands in another line",
    story="A run asks the dispensary, which accepts and never answers. The house logs codes: an ERROR with `E1042` and"
    " the visit, and just before it a WARNING of the code table that says what E1042 is. No traceback.",
    environment={"DISPENSARY": "{silent:10.77.0.12:7443}"},
    edits=(
        Edit("infirmary/bedside.py", "import asyncio\n", "import asyncio\nimport os\n"),
        Edit(
            "infirmary/bedside.py",
            "    await asyncio.sleep(0.14)\n",
            "    await prescribe()\n",
        ),
        Edit(
            "infirmary/bedside.py",
            "async def treat(",
            '''class CodedError(Exception):
    """Carries a code of the house's table."""


async def prescribe() -> None:
    """The dispensary has been asked."""
    host, port = os.environ["DISPENSARY"].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"any?\\n")
    try:
        await asyncio.wait_for(reader.readline(), 0.9)
    except TimeoutError:
        codes.warning("E1042 = dispensary gave no answer within 0.9 s", peer=os.environ["DISPENSARY"])
        raise CodedError("E1042") from None


async def treat(''',
        ),
        Edit(
            "infirmary/bedside.py",
            'log = journal.journal("infirmary.bedside")\n',
            'log = journal.journal("infirmary.bedside")\ncodes = journal.journal("infirmary.codes")\n',
        ),
        Edit(
            "infirmary/bedside.py",
            '        log.exception("visit broken off", visit=visit_id)\n',
            '        log.error(f"visit broken off: {error}", visit=visit_id)\n',
        ),
        Edit("infirmary/bedside.py", "    except Exception:\n", "    except Exception as error:\n"),
    ),
    expected=Expected(
        category="dependency_failure",
        exception_any=("E1042", "CodedError", "TimeoutError"),
        message_contains=("dispensary gave no answer", "E1042"),
        evidence=("E1042",),
        red_herrings=_NOISE,
        explanation="E1042: the dispensary at 10.77.0.12:7443 gave no answer within 0.9 s. Told in two lines, no"
        " traceback.",
    ),
)

LATE = replace(
    INFIRMARY,
    name="depends-late-other-logger",
    title="Three seconds late, by another logger, without ids: a ValidationError",
    story="The bedside closes with 1011 and says no more than that. An auditor writes down what was raised, three"
    " seconds later and without visit or trace: pydantic's ValidationError, in several lines.",
    environment={},
    journal="stdlib",
    tail_s=8,
    needs=(),
    edits=(
        Edit("infirmary/bedside.py", "import journal\n", "import journal\nimport pydantic\n"),
        Edit(
            "infirmary/bedside.py",
            "async def treat(",
            '''class Step(pydantic.BaseModel):
    """One step of a run."""

    crop: str
    bay: int


async def treat(''',
        ),
        Edit(
            "infirmary/bedside.py",
            'await socket.send_json({"type": "run.step", "crop": crop, "bed": ward.bay(crop)})',
            "step = Step(crop=crop, bay=ward.bay(crop))\n"
            '        await socket.send_json({"type": "run.step", "crop": crop, "bed": step.bay})',
        ),
        Edit("infirmary/bedside.py", "    except Exception:\n", "    except Exception as error:\n"),
        Edit(
            "infirmary/bedside.py",
            '        log.exception("visit broken off", visit=visit_id)\n',
            '        log.info("visit cut short", visit=visit_id)\n'
            "        asyncio.get_running_loop().call_later(\n"
            '            3, audit.error, f"unexpected: {type(error).__name__}: {error}"\n'
            "        )\n",
        ),
        Edit(
            "infirmary/bedside.py",
            'log = journal.journal("infirmary.bedside")\n',
            'log = journal.journal("infirmary.bedside")\naudit = journal.journal("housekeeping.audit")\n',
        ),
    ),
    expected=Expected(
        category="application_error",
        exception="ValidationError",
        message_contains=("1 validation error for Step", "unable to parse string as an integer"),
        evidence=("1 validation error for Step", "unable to parse string as an integer"),
        red_herrings=_NOISE,
        explanation="pydantic's ValidationError for Step: the bay is no integer. Told three seconds after the close, by"
        " another logger, without ids or traceback.",
    ),
)

TABLE = replace(
    INFIRMARY,
    name="depends-missing-table",
    title="PostgreSQL has no such table: psycopg's UndefinedTable under an error of the app's own",
    story="Charts are read from a table that no migration made: UndefinedTable, chained into ChartError; caught, 1011.",
    files=stand_in("stand_in_postgres"),
    environment={
        "JOURNAL_TRACE": "1",
        "STAND_IN_POSTGRES": 'CHARTS query 42P01 relation "chart_line" does not exist',
    },
    needs=(*INFIRMARY.needs, "psycopg"),
    edits=(
        Edit("infirmary/main.py", "import journal\n", "import journal\nimport stand_in_postgres\n"),
        Edit("infirmary/wards.py", "import asyncio\n", "import asyncio\nimport os\n\nimport psycopg\n"),
        Edit(
            "infirmary/wards.py",
            "class Ward:\n",
            '''class ChartError(Exception):
    """A chart cannot be read."""


class Ward:
''',
        ),
        Edit(
            "infirmary/wards.py",
            _CHART,
            """        try:
            async with await psycopg.AsyncConnection.connect(
                os.environ["CHARTS"] + " user=ward dbname=charts", autocommit=True
            ) as session:
                lines = await session.execute("select count(*) from chart_line where patient = %s", (patient,))
                return {"patient": patient, "lines": await lines.fetchone()}
        except psycopg.Error as error:
            raise ChartError(f"chart of {patient} cannot be read") from error
""",
        ),
    ),
    expected=Expected(
        category="application_error",
        also_categories=("dependency_failure", "configuration_error", "deployment_change"),
        exception="UndefinedTable",
        exception_any=("ChartError",),
        message_contains=('relation "chart_line" does not exist',),
        place=Place("infirmary/wards.py", "chart", "session.execute("),
        evidence=("chart_line",),
        red_herrings=_NOISE,
        explanation="UndefinedTable: relation chart_line does not exist; chained into ChartError, caught, 1011.",
    ),
)

MIGRATION = replace(
    INFIRMARY,
    name="depends-migration-check",
    title="The schema is behind the code: start-up is refused",
    story="The lifespan compares the schema's revision with the code's and raises. uvicorn: `Application startup"
    " failed. Exiting.`, exit(3), at each try.",
    starts=False,
    lead_s=8,
    traffic=replace(INFIRMARY.traffic, chatters=2, chat_s=4),
    edits=(
        Edit(
            "infirmary/main.py",
            "    task = asyncio.create_task(_night_round(",
            "    check_schema(found=41, wanted=43)\n    task = asyncio.create_task(_night_round(",
        ),
        Edit(
            "infirmary/main.py",
            "@contextlib.asynccontextmanager\n",
            '''def check_schema(found, wanted) -> None:
    """The database is as the code wants it."""
    if found != wanted:
        raise RuntimeError(f"schema is at revision {found}, code wants {wanted}: run the migrations first")


@contextlib.asynccontextmanager
''',
        ),
    ),
    expected=Expected(
        category="startup_failure",
        also_categories=("deployment_change", "configuration_error"),
        exception="RuntimeError",
        message_contains=("schema is at revision 41, code wants 43",),
        place=Place("infirmary/main.py", "check_schema", "raise RuntimeError"),
        evidence=("schema is at revision 41, code wants 43",),
        red_herrings=_NOISE,
        explanation="The migrations were not run: RuntimeError in check_schema during start-up; exit(3).",
    ),
)

SCENARIOS = (SECRET, CODES, LATE, TABLE, MIGRATION)
