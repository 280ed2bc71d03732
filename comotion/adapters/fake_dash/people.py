"""Who may use an organisation: its users, its applications, and what each of them is allowed."""

from attrs import define, field

from comotion.domain.daily_run import (
    ENABLED_READ,
    ENABLED_WRITE,
    EXECUTION_READ,
    EXECUTION_WRITE,
    REQUIRED_AUDIENCE,
)

QUERY_READ, QUERY_WRITE = "query:read", "query:write"
LOAD_READ, LOAD_WRITE = "load:read", "load:write"
MIGRATION_WRITE = "migration:write"
ALL_SCOPES = (
    QUERY_READ,
    QUERY_WRITE,
    LOAD_READ,
    LOAD_WRITE,
    MIGRATION_WRITE,
    ENABLED_READ,
    ENABLED_WRITE,
    EXECUTION_READ,
    EXECUTION_WRITE,
)
AUDIENCES = (REQUIRED_AUDIENCE, "account")


@define(kw_only=True)
class User:
    """A person with a password."""

    name: str
    password: str = field(repr=False)
    scopes: tuple[str, ...] = ALL_SCOPES
    audiences: tuple[str, ...] = AUDIENCES


@define(kw_only=True)
class Application:
    """A confidential client with a secret, signed in with client_credentials."""

    client_id: str
    client_secret: str = field(repr=False)
    scopes: tuple[str, ...] = ALL_SCOPES
    audiences: tuple[str, ...] = AUDIENCES

    @property
    def name(self) -> str:
        """Its user name in tokens, as Keycloak names service accounts."""
        return f"service-account-{self.client_id.lower()}"
