"""The service that is called: takes a payment, or declines it."""

import logging
import os
import signal
import sys

from flask import Flask, jsonify
from werkzeug.serving import make_server

logging.basicConfig(level=logging.INFO, stream=sys.stderr)
log = logging.getLogger("payments")
app = Flask(__name__)


class CardDeclined(Exception):
    """The bank says no."""


@app.get("/charge/<order>")
def charge(order):
    log.info("charging order %s", order)
    if order.startswith("bad"):
        log.error("card declined for order %s", order)
        raise CardDeclined(order)
    return jsonify(order=order, charged=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = make_server("127.0.0.1", int(os.environ.get("PORT", "0")), app)
    print(server.port, flush=True)
    server.serve_forever()
