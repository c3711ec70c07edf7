"""The Python client: Headwater over HTTP. It needs httpx and nothing else of this package."""

from headwater.client.connection import HeadwaterFailed
from headwater.client.headwater import Headwater
from headwater.client.values import Answer, Citation, Collection, Document, Hit, Text

__all__ = ["Answer", "Citation", "Collection", "Document", "Headwater", "HeadwaterFailed", "Hit", "Text"]
