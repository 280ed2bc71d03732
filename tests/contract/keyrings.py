"""Keyring back ends for tests: one in memory, and those that fail in the ways that real ones do."""

import threading

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, NoKeyringError, PasswordDeleteError, PasswordSetError


class MemoryKeyring(KeyringBackend):
    priority = 1

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.entries:
            raise PasswordDeleteError("not found")
        del self.entries[service, username]


class LimitedKeyring(MemoryKeyring):
    """Refuses a value of more than so many bytes of UTF-16, as Windows Credential Manager does."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__()
        self.limit_bytes = limit_bytes

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password.encode("utf-16-le")) > self.limit_bytes:
            raise PasswordSetError("The stub received bad data")
        super().set_password(service, username, password)


class CuttingKeyring(MemoryKeyring):
    """Keeps the first 1,280 characters and says nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password[:1280])


class ForgetfulKeyring(MemoryKeyring):
    """Takes everything and keeps nothing, as keyring's null back end does."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Nothing."""


class LyingKeyring(MemoryKeyring):
    """Gives back something else."""

    def get_password(self, service: str, username: str) -> str | None:
        value = super().get_password(service, username)
        return None if value is None else value[::-1]


class HangingKeyring(MemoryKeyring):
    """Waits for somebody to unlock it, who never comes."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.asked.set()
        threading.Event().wait(30)
        return None


class LockedKeyring(MemoryKeyring):
    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("the collection is locked")


class NoKeyring(MemoryKeyring):
    def get_password(self, service: str, username: str) -> str | None:
        raise NoKeyringError("no recommended backend was available")


class CrashingKeyring(MemoryKeyring):
    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError(f"org.freedesktop.DBus.Error for {service}")
