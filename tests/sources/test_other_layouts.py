"""Exports that no Google tool wrote, and some of Google's that are no JSON: each tells what it was made to tell.

Every export tells of the same moment: a request where its form can hold one, and a failure whose stack trace goes on
over lines. The first entry is of 05:06:07 UTC on 4 March 2026.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rca.questions import everything
from rca.sources.files import Files
from rca.traces import reassemble

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
TRACE = (
    "Traceback (most recent call last):",
    '  File "/srv/shop/cart.py", line 41, in add_item',
    "    price = prices[item]",
    "KeyError: 12",
)
GONE = "basket 12 is gone"


@dataclass(frozen=True)
class Made:
    """An export, and what its two things are told as."""

    text: str
    service: str | None = None
    instance: str | None = None
    level: str = "ERROR"
    traced: bool = True
    status: int | None = None


def _lines(prefix: str, first: str) -> str:
    return "\n".join(prefix + line for line in (first, *TRACE)) + "\n"


EXPORTS = {
    "docker logs -t": Made(_lines("2026-03-04T05:06:07.089123456Z ", f"ERROR:    {GONE}")),
    "docker compose logs -t": Made(
        _lines("cart-1  | 2026-03-04T05:06:07.089123456Z ", f"ERROR:    {GONE}"),
        service="cart",
        instance="cart-1",
    ),
    "stern -t": Made(
        _lines("cart-7d9f-x2x cart 2026-03-04T05:06:07.089Z ", f"ERROR {GONE}"),
        service="cart",
        instance="cart-7d9f-x2x",
    ),
    "kubectl logs --prefix --timestamps": Made(
        _lines("[pod/cart-7d9f-x2x/cart] 2026-03-04T05:06:07.089Z ", f"ERROR {GONE}"), "cart", "cart-7d9f-x2x"
    ),
    "container runtime's file": Made(_lines("2026-03-04T05:06:07.089123456Z stderr F ", f"[error] {GONE}")),
    "syslog": Made(_lines("<11>Mar  4 05:06:07 node-7 cart[12]: ", GONE), service="cart", instance="node-7"),
    "syslog, RFC 5424": Made(
        _lines("<11>1 2026-03-04T05:06:07.089Z node-7 cart 12 - - ", GONE), "cart", "node-7"
    ),
    "journalctl -o json": Made(
        "\n".join(
            json.dumps(
                {
                    "__REALTIME_TIMESTAMP": "1772600767089123",
                    "PRIORITY": "3",
                    "SYSLOG_IDENTIFIER": "cart",
                    "MESSAGE": line,
                }
            )
            for line in (GONE, *TRACE)
        ),
        service="cart",
    ),
    "gcloud run services logs read": Made(
        "2026-03-04 05:06:07 GET 500 https://cart-7x.a.run.app/ws\n"
        + _lines("2026-03-04 05:06:07 ", f"ERROR:    {GONE}"),
        status=500,
    ),
    "gcloud --format=value(timestamp,severity,textPayload)": Made(
        f"2026-03-04T05:06:07.089Z\tERROR\t{GONE}\n2026-03-04T05:06:07.09Z\tERROR\t" + "\n".join(TRACE)
    ),
    "rows copied from the console": Made(
        f"ERROR 2026-03-04T05:06:07.089Z {GONE}\nERROR 2026-03-04T05:06:07.09Z " + "\n".join(TRACE)
    ),
    "rows copied from the console, zoned": Made(
        f"Error\n2026-03-04 00:06:07.089 EST\n{GONE}\nError\n2026-03-04 00:06:07.09 EST\n" + "\n".join(TRACE)
    ),
    "logfmt": Made(
        f'time=2026-03-04T05:06:07.089Z level=error msg="{GONE}" basket=12\n'
        'ts=2026-03-04T05:06:07.09Z level=error msg="' + "\\n".join(TRACE).replace('"', '\\"') + '"\n'
    ),
    "fluent-bit's stdout": Made(
        "".join(
            f'[{at}] cart: [[1772600767.08900000{at}, {{}}], {{"log"=>{json.dumps(line)}, "stream"=>"stderr"}}]\n'
            for at, line in enumerate((f"ERROR {GONE}", *TRACE))
        ),
        service="cart",
    ),
    "fluent-bit's JSON": Made(
        json.dumps(
            [
                {
                    "date": 1772600767.089 + at / 1e6,
                    "log": line,
                    "kubernetes": {"pod_name": "p-1", "container_name": "cart"},
                }
                for at, line in enumerate((f"ERROR {GONE}", *TRACE))
            ]
        ),
        service="cart",
        instance="p-1",
    ),
    "logstash's JSON": Made(
        "\n".join(
            json.dumps({"@timestamp": "2026-03-04T05:06:07.089Z", "level": "ERROR", "message": said, **more})
            for said, more in ((GONE, {}), ("order failed", {"stack_trace": "\n".join(TRACE)}))
        )
    ),
    "Elasticsearch's answer": Made(
        json.dumps(
            {
                "took": 3,
                "hits": {
                    "total": {"value": 1},
                    "hits": [
                        {
                            "_index": "logs",
                            "_source": {
                                "@timestamp": "2026-03-04T05:06:07.089Z",
                                "log.level": "error",
                                "message": GONE,
                                "service": {"name": "cart"},
                                "error": {"stack_trace": "\n".join(TRACE)},
                            },
                        }
                    ],
                },
            },
            indent=1,
        ),
        service="cart",
    ),
    "Loki's answer": Made(
        json.dumps(
            {
                "status": "success",
                "data": {
                    "resultType": "streams",
                    "result": [
                        {
                            "stream": {"app": "cart", "pod": "cart-7d9f"},
                            "values": [
                                [str(1772600767089000000 + at), line]
                                for at, line in enumerate((f"ERROR {GONE}", *TRACE))
                            ],
                        }
                    ],
                },
            }
        ),
        service="cart",
        instance="cart-7d9f",
    ),
    "OpenTelemetry's JSON": Made(
        json.dumps(
            {
                "resourceLogs": [
                    {
                        "scopeLogs": [
                            {
                                "logRecords": [
                                    {
                                        "timeUnixNano": str(1772600767089000000 + at),
                                        "severityText": "ERROR",
                                        "body": {"stringValue": line},
                                    }
                                    for at, line in enumerate((GONE, *TRACE))
                                ]
                            }
                        ]
                    }
                ]
            }
        )
    ),
    "AWS CloudWatch": Made(
        json.dumps(
            {
                "events": [
                    {
                        "timestamp": 1772600767089 + at,
                        "ingestionTime": 1772600768000,
                        "message": line,
                        "logStreamName": "s/1",
                    }
                    for at, line in enumerate((f"[ERROR] {GONE}", "\n".join(TRACE)))
                ],
                "nextForwardToken": "f/1",
            }
        ),
        instance="s/1",
    ),
    "Terraform's JSON": Made(
        json.dumps(
            {
                "@level": "error",
                "@message": GONE,
                "@module": "terraform.ui",
                "@timestamp": "2026-03-04T05:06:07.089Z",
            }
        )
        + "\n",
        service="terraform.ui",
        traced=False,
    ),
    "Terraform's text": Made(f"2026-03-04T05:06:07.089Z [ERROR] provider.cart: {GONE}\n", traced=False),
    "CSV in another order": Made(
        f'severity,message,service,time\nERROR,{GONE},cart,2026-03-04T05:06:07.089Z\nERROR,"'
        + "\n".join(TRACE).replace('"', '""')
        + '",cart,2026-03-04T05:06:07.09Z\n',
        service="cart",
    ),
    "CSV with semicolons": Made(
        f"Timestamp;Level;Message\n2026-03-04 05:06:07.089;ERROR;{GONE}\n", traced=False
    ),
    "a table in another order": Made(
        "SEVERITY  TIMESTAMP                 TEXT_PAYLOAD\n"
        f"ERROR     2026-03-04T05:06:07.089Z  {GONE}\n"
        + "".join(
            f"{'ERROR     2026-03-04T05:06:07.09Z   ' if at == 0 else ' ' * 36}{line}\n"
            for at, line in enumerate(TRACE)
        )
    ),
    "gcloud's pages, an array each": Made(
        json.dumps(
            [
                [{"timestamp": "2026-03-04T05:06:07.089Z", "severity": "ERROR", "textPayload": GONE}],
                [
                    {
                        "timestamp": "2026-03-04T05:06:07.09Z",
                        "severity": "ERROR",
                        "textPayload": "\n".join(TRACE),
                    }
                ],
            ]
        )
    ),
    "an access log": Made(
        '203.0.113.9 - - [04/Mar/2026:05:06:07 +0000] "GET /ws HTTP/1.1" 500 157 "-" "probe" 0.250\n'
        + _lines("2026-03-04 05:06:07,089 ", f"ERROR {GONE}"),
        status=500,
    ),
    "Go's log and a panic": Made(f"2026/03/04 05:06:07 cart.go:41: ERROR {GONE}\n", traced=False),
    "klog": Made(f"# of 2026-03-05\nE0304 05:06:07.089123       1 cart.go:41] {GONE}\n", traced=False),
}


@pytest.mark.parametrize("name", EXPORTS)
def test_each_export_tells_what_it_was_made_to_tell(tmp_path: Path, name: str) -> None:
    """Time, level, service, instance, words, request and stack trace come out of every layout."""
    made = EXPORTS[name]
    path = tmp_path / "export.log"
    path.write_text(made.text)
    given = Files([str(path)]).pull(everything(None))
    assert given.unreadable == 0
    gone = next(entry for entry in given.entries if GONE in entry.text)
    assert gone.at.replace(microsecond=0) == AT
    assert (gone.severity.name, gone.service, gone.instance) == (made.level, made.service, made.instance)
    assert gone.message.removeprefix("provider.cart: ").split(" basket=")[0] == GONE
    requests = [entry.request for entry in given.entries if entry.request]
    assert [request.status for request in requests] == ([] if made.status is None else [made.status])
    traces = reassemble(given.entries)
    assert [error.type for trace in traces for error in trace.exceptions] == (
        ["KeyError"] if made.traced else []
    )
    assert all(trace.exceptions[0].frames[-1].line == 41 for trace in traces)
