"""Names of the recording machine -> names of a container: paths, ports, process ids."""

import re
import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path

_PYTHON = f"/usr/local/lib/python{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(slots=True)
class Rewriter:
    """Replaces in order; what is added later is replaced first."""

    rules: list[tuple[re.Pattern[str], str]] = field(default_factory=list)

    @classmethod
    def for_machine(cls) -> "Rewriter":
        """A rewriter that knows this interpreter's folders."""
        paths = sysconfig.get_paths()
        made = cls()
        made.add(re.escape(sys.base_prefix), "/usr/local")
        made.add(re.escape(sys.prefix), "/usr/local")
        made.add(re.escape(paths["stdlib"]), _PYTHON)
        made.add(re.escape(paths["purelib"]), f"{_PYTHON}/site-packages")
        made.add(r"(Started|Finished) server process \[\d+\]", r"\1 server process [1]")
        made.add(r"(Started|Stopping) (parent|reloader) process \[\d+\]", r"\1 \2 process [1]")
        made.add(r"(\[[\d: -]+\+0000\]) \[\d+\]", r"\1 [1]")
        made.add(r"'host': '127\.0\.0\.1', 'port': \d+", "'host': '0.0.0.0', 'port': 8080")
        made.add(r"^127\.0\.0\.1:(\d+) - ", r"169.254.169.126:\1 - ")
        made.add(r"(?<= \()127\.0\.0\.1(?=\) )", "169.254.169.126")
        made.add(r"running on http://127\.0\.0\.1:\d+", "running on http://0.0.0.0:8080")
        return made

    def add(self, pattern: str, replacement: str) -> None:
        """Text that matches `pattern` will be replaced."""
        self.rules.insert(0, (re.compile(pattern), replacement))

    def add_folder(self, folder: Path, name: str) -> None:
        """`folder`, also as the file system resolves it, will be called `name`."""
        for path in {str(folder), str(folder.resolve())}:
            self.add(re.escape(path), name)

    def add_address(self, port: int, host: str, as_port: int) -> None:
        """A port on the loopback will be called `host`:`as_port`, in Python's spellings too."""
        self.add(rf"127\.0\.0\.1:{port}\b", f"{host}:{as_port}")
        self.add(rf"\('127\.0\.0\.1', {port}\)", f"('{host}', {as_port})")

    def add_own(self, port: int) -> None:
        """The port that an instance listens on will be called 8080, on all addresses."""
        self.add_address(port, "0.0.0.0", 8080)  # noqa: S104 - a name in a log, nothing listens there
        self.add(rf"tcp:port={port}:interface=127\.0\.0\.1", "tcp:port=8080:interface=0.0.0.0")

    def __call__(self, text: str) -> str:
        """`text` as a container would have written it."""
        for pattern, replacement in self.rules:
            text = pattern.sub(replacement, text)
        return text
