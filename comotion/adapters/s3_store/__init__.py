"""ObjectStores over the S3 API: with the ticket's STS credentials, or with its presigned form.

Both speak through the HttpClient port. Why no ready-made S3 client: ``docs/choosing-the-s3-client.md``.
"""

from comotion.adapters.s3_store.presigned import PresignedStore
from comotion.adapters.s3_store.store import CHUNK_BYTES, S3Store

__all__ = ["CHUNK_BYTES", "PresignedStore", "S3Store"]
