"""The S3 API of a world: what native S3 clients speak, checked as strictly as S3 checks it."""

from comotion.adapters.fake_dash.faces.object_store.face import object_store

__all__ = ["object_store"]
