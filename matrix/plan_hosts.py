"""What the endpoints of a plan let out, at most: a name is a name whatever its case, and a wildcard is for what ends in
its domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Endpoints:
    def __init__(self, plan: Mapping[str, Any]) -> None:
        self._endpoints = [(str(one["host"]).lower(), frozenset(one["ports"])) for one in plan.get("endpoints") or ()]

    def lack(self, host: str, port: int) -> str:
        """`host` or `port`, whichever no endpoint has; or nothing."""
        found = [ports for pattern, ports in self._endpoints if _covers(pattern, host.lower())]
        if not found:
            return "host"
        return "" if any(port in ports for ports in found) else "port"

    def name_in_full(self, host: str) -> bool:
        return any(pattern == host.lower() for pattern, _ in self._endpoints)


def _covers(pattern: str, host: str) -> bool:
    return pattern == host or pattern.startswith("*.") and host.endswith(pattern[1:])
