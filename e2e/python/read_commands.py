"""Reads commands as the Python connectors do: one JSON object a line on stdin, and on stdout what the model made of it."""

import json
import sys
from datetime import datetime, timezone
from typing import Any, Dict, Optional

from pydantic import BaseModel, field_validator


class CommandMessage(BaseModel):
    request_id: Optional[str]
    timestamp: datetime
    device_id: str
    command_type: str
    payload: Dict[str, Any]
    protocol: str
    metadata: Dict[str, Any]
    priority: Optional[int]
    expires_at: Optional[datetime]

    @field_validator("protocol")
    @classmethod
    def known_protocol(cls, protocol: str) -> str:
        if protocol.lower() not in ("mqtt", "coap"):
            raise ValueError(f"unknown protocol {protocol}")
        return protocol.lower()


def in_utc(value: Optional[datetime]) -> Optional[str]:
    return value and value.astimezone(timezone.utc).isoformat()


for line in sys.stdin.buffer:
    command = CommandMessage.model_validate(json.loads(line))
    fields = command.model_dump()
    fields["timestamp"] = in_utc(command.timestamp)
    fields["expires_at"] = in_utc(command.expires_at)
    print(json.dumps(fields))
