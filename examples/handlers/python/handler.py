"""Handles order:place with the standard library of Python. docs/handlers.md describes requests and answers."""

import hashlib
import hmac
import json
import os
import re
import signal
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = os.environ["HANDLER_SECRET"].encode()
WINDOW_SECONDS = 300
MAX_BODY_BYTES = 4_194_304


def answer(request):
    if request.get("event") != "order:place":
        return {"error": {"code": "NOT_KNOWN", "message": "this service knows order:place"}}
    data = request.get("data")
    item = data.get("item") if isinstance(data, dict) else None
    if not isinstance(item, str):
        return {"error": {"code": "INVALID_INPUT", "message": "item must be text"}}
    if item == "gin":
        return {"error": {"code": "SOLD_OUT", "message": "no more gin", "retryAfter": 60}}
    order = {"item": item, "by": request["user"]}
    placed = {"room": "orders", "event": "order:placed", "data": order}
    return {"ack": order, "do": [{"join": "orders"}, {"publish": placed}]}


def is_signed(header, body):
    match = re.fullmatch(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})", header or "")
    if match is None or abs(time.time() - int(match[1])) > WINDOW_SECONDS:
        return False
    wanted = hmac.new(SECRET, match[1].encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted, match[2])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps connections open between requests
    disable_nagle_algorithm = True

    def do_POST(self):
        length = int(self.headers.get("content-length") or 0)
        if length > MAX_BODY_BYTES:
            self.close_connection = True
            return self.reply(413, {})
        body = self.rfile.read(length)
        if not is_signed(self.headers.get("x-realtime-signature"), body):
            return self.reply(401, {})
        self.reply(200, answer(json.loads(body)))

    def reply(self, status, value):
        text = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        if STOPPING:
            self.send_header("connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


STOPPING = []


def stop(*_):
    # Answers until Kubernetes has removed this pod from the Service, and ends connections so that others get them.
    STOPPING.append(True)
    signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
    signal.alarm(int(os.environ.get("STOP_SECONDS", "5")))


signal.signal(signal.SIGTERM, stop)
server = ThreadingHTTPServer(("", int(os.environ.get("PORT", "8080"))), Handler)
server.daemon_threads = True
server.serve_forever()
