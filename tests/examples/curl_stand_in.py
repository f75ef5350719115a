"""As much of curl as the walks need, for machines that have none. Starts fast: stdlib only."""

from __future__ import annotations

import argparse
import sys
import urllib.error
import urllib.request


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
    body = None if asked.body is None else asked.body.encode()
    request = urllib.request.Request(asked.url, body, headers, method=asked.method)
    try:
        answer = urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        said, status = answer.read().decode(), answer.status
    after = asked.after.replace("%{http_code}", str(status)).replace("\\n", "\n")
    sys.stdout.write(said + after)


if __name__ == "__main__":
    main(sys.argv[1:])
