import json, os, urllib.request

command = {"device_id": "lamp-7", "command_type": "set_led", "protocol": "mqtt", "payload": {"on": True}}
request = urllib.request.Request(
    os.environ.get("GATEWAY_URL", "http://127.0.0.1:8000") + "/v1/commands?wait=succeeded&timeout=30s",
    data=json.dumps(command).encode(),
    headers={"Content-Type": "application/json"},
)
with urllib.request.urlopen(request) as response:
    print(json.load(response)["state"])
