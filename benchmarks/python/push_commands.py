"""Pushes commands as a Python application does: a pydantic model, confluent-kafka, and a callback for each command."""

import json
import resource
import sys
import time
from datetime import datetime, timezone
from pathlib import Path
from uuid import uuid4

from confluent_kafka import Producer
from pydantic import BaseModel

DEVICES = 1000
NOTES = {300: "x" * 58, 1000: "x" * 758}


class Command(BaseModel):
    request_id: str
    timestamp: datetime
    device_id: str
    command_type: str
    payload: dict
    protocol: str
    metadata: dict
    priority: int | None = None
    expires_at: datetime | None = None
    topic: str


def peak_resident_bytes() -> int:
    """Linux counts the peak of whoever started this process into ru_maxrss, but not here."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(peak.split()[1]) * 1024


task = json.loads(sys.argv[1])
note = NOTES[task["bytes"]]
in_flight = task["inFlight"]
producer = Producer(
    {
        "bootstrap.servers": ",".join(task["brokers"]),
        "enable.idempotence": True,
        "acks": "all",
        "partitioner": "murmur2_random",
        "linger.ms": 5 if in_flight > 1000 else 0,
        "queue.buffering.max.messages": in_flight,
    }
)
unacknowledged = 0


def on_delivery(error, _message):
    global unacknowledged
    if error is not None:
        unacknowledged += 1


def push(first, count):
    for number in range(first, first + count):
        device_id = f"device-{number % DEVICES}"
        topic = f"devices/{device_id}/commands"
        command = Command(
            request_id=str(uuid4()),
            timestamp=datetime.now(timezone.utc),
            device_id=device_id,
            command_type="set_led",
            payload={"sequence": number // DEVICES, "state": "on", "color": "blue", "note": note},
            protocol="mqtt",
            metadata={"topic": topic},
            topic=topic,
        )
        value = command.model_dump_json()
        while True:
            try:
                producer.produce(task["topic"], value, device_id, on_delivery=on_delivery)
                break
            except BufferError:
                producer.poll(1)
        producer.poll(0)
    producer.flush()


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


push(0, task["warmUp"])
cpu_before = cpu_seconds()
started_at = time.monotonic()
push(task["warmUp"], task["count"])
elapsed_ms = (time.monotonic() - started_at) * 1000
print(
    json.dumps(
        {
            "elapsedMs": elapsed_ms,
            "cpuMicrosPerCommand": (cpu_seconds() - cpu_before) * 1e6 / task["count"],
            "peakBytes": peak_resident_bytes(),
            "unacknowledged": unacknowledged,
        }
    )
)
