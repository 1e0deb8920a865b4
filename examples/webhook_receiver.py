"""Receive an event for each finished film: python webhook_receiver.py PORT

The webhook's secret is in OPENAI_WEBHOOK_SECRET; the answer that made the webhook has it:
curl $OPENAI_BASE_URL/webhooks -H "Authorization: Bearer $OPENAI_API_KEY" -d url=https://example.com/hook
A server calls an address in your own network only with `yozora serve --private-webhooks`.
"""

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from openai import InvalidWebhookSignatureError, OpenAI

client = OpenAI(api_key="not needed here")
seen: set[str] = set()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            event = client.webhooks.unwrap(body, self.headers)
        except (InvalidWebhookSignatureError, ValueError):  # a wrong signature, or none
            self.send_error(400, "The signature is wrong")
            return
        if event.id not in seen:  # an event may arrive twice
            seen.add(event.id)
            print(event.type, event.data.id, flush=True)
        self.send_response(204)
        self.end_headers()


HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
