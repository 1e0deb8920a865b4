"""The app, and the real server with its toy of a model, of the server's tests."""

from tests.server.app import client, mp4, png, service, template
from tests.server.conftest import embedded, server, shared

__all__ = ["client", "embedded", "mp4", "png", "server", "service", "shared", "template"]
