"""The app of the server's tests."""

from tests.server.app import client, mp4, png, service, template

__all__ = ["client", "mp4", "png", "service", "template"]
