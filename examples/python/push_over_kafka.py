import json, os, uuid
from datetime import datetime, timezone
from kafka import KafkaProducer

command = {"request_id": str(uuid.uuid4()), "timestamp": datetime.now(timezone.utc).isoformat(), "device_id": "lamp-7",
           "command_type": "set_led", "protocol": "mqtt", "payload": {"on": True}, "metadata": {}, "priority": None, "expires_at": None}
producer = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"], acks="all")
topic = os.environ.get("DEVICE_COMMAND_TOPIC", "device_commands")
producer.send(topic, key=b"lamp-7", value=json.dumps(command).encode()).get(timeout=30)
print(command["request_id"])
