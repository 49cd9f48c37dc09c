"""The service that people call: asks the backend, and says how it went."""

import logging
import os
import signal
import sys

import requests
from flask import Flask, jsonify
from werkzeug.serving import make_server

BACKEND = os.environ.get("BACKEND_URL", "http://127.0.0.1:8081")

logging.basicConfig(level=logging.INFO, stream=sys.stderr)
log = logging.getLogger("shop")
app = Flask(__name__)


@app.get("/checkout/<order>")
def checkout(order):
    log.info("checkout of order %s begins", order)
    answer = requests.get(f"{BACKEND}/charge/{order}", timeout=10)
    if not answer.ok:
        log.warning("order %s was not paid", order)
        return jsonify(order=order, paid=False), 502
    return jsonify(order=order, paid=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = make_server("127.0.0.1", int(os.environ.get("PORT", "0")), app)
    print(server.port, flush=True)
    server.serve_forever()
