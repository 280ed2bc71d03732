"""Signing in: who asks, as a user or as an application. The door that scripts import from."""

from comotion.domain.errors import (
    AuthException,
    CredentialsCacheException,
    UnAuthenticatedException,
)
from comotion.facade.auth import PKCE, Auth
from comotion.facade.credentials import CredentialsCacheInterface, KeyringCredentialCache

__all__ = [
    "PKCE",
    "Auth",
    "AuthException",
    "CredentialsCacheException",
    "CredentialsCacheInterface",
    "KeyringCredentialCache",
    "UnAuthenticatedException",
]
