"""A device on Python's own HTTP server: says what it was sent, and whether the signature is that of Standard Webhooks."""

import base64
import hashlib
import hmac
import http.server
import json
import os

KEY = base64.b64decode(os.environ["SECRET"].removeprefix("whsec_"))


class Device(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        message = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}."
        lines = ["v2", "command", self.headers["device-id"], f"{self.command} {self.path}"]
        lines += [self.headers[name] for name in ("command-type", "webhook-id", "webhook-timestamp", "webhook-nonce")]
        target = "".join(f"{line}\n" for line in lines)
        expected = {f"v1,{sign(message, body)}", f"v2,{sign(target, body)}"}
        said = {
            "method": self.command,
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": body.hex(),
            "signed": set(self.headers["webhook-signature"].split()) == expected,
        }
        content = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, *_):
        pass


def sign(head, body):
    return base64.b64encode(hmac.digest(KEY, head.encode() + body, hashlib.sha256)).decode()


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Device)
print(server.server_port, flush=True)
server.serve_forever()
