"""As much of curl as the walk needs, for machines that have none."""

from __future__ import annotations

import argparse
import sys

import httpx


def main(arguments: list[str]) -> None:
    """Send one request and print what came back, as curl does."""
    parser = argparse.ArgumentParser(prog="curl")
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-X", dest="method", default="GET")
    parser.add_argument("-H", dest="headers", action="append", default=[])
    parser.add_argument("-d", dest="body")
    parser.add_argument("-w", dest="after", default="")
    parser.add_argument("url")
    asked = parser.parse_args(arguments)
    headers = dict(one.split(": ", 1) for one in asked.headers)
    said = httpx.request(asked.method, asked.url, headers=headers, content=asked.body, timeout=30)
    after = asked.after.replace("%{http_code}", str(said.status_code)).replace("\\n", "\n")
    sys.stdout.write(said.text + after)


if __name__ == "__main__":
    main(sys.argv[1:])
