"""What can be set, where each setting came from, and which place wins: argument, environment, file, default."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import cast

from attrs import Attribute, field, fields, frozen

from comotion.domain import endpoints
from comotion.domain.chunking import DEFAULT_PART_BYTES
from comotion.domain.errors import InvalidArgument
from comotion.domain.pacing import PollPolicy, RetryPolicy

ENVIRONMENT: Mapping[str, str] = MappingProxyType(
    {
        "orgname": "COMOTION_ORGNAME",
        "issuer": "COMOTION_ISSUER",
        "zone": "COMOTION_ZONE",
        "api_url": "COMOTION_API_URL",
        "v1_url": "COMOTION_V1_URL",
        "daily_run_url": "COMOTION_DAILY_RUN_URL",
        "client_id": "COMOTION_CLIENT_ID",
        "client_secret": "COMOTION_CLIENT_SECRET",
        "credentials_file": "COMOTION_CREDENTIALS_FILE",
        "object_store": "COMOTION_OBJECT_STORE",
        "compression": "COMOTION_COMPRESSION",
        "part_bytes": "COMOTION_PART_BYTES",
        "max_workers": "COMOTION_MAX_WORKERS",
        "s3_endpoint": "AWS_ENDPOINT_URL_S3",
    }
)
CONFIG_FILE_ENVIRONMENT = "COMOTION_CONFIG"
IN_FILE = frozenset({"orgname", "zone", "issuer"})
OBJECT_STORES = ("s3", "presigned")
COMPRESSIONS = ("snappy", "zstd", "gzip", "none")


def _org(text: str | None) -> str | None:
    return None if text is None else endpoints.parse_host_name("orgname", text)


def _zone(text: str | None) -> str | None:
    return None if text is None else endpoints.parse_host_name("zone", text)


def _issuer(text: str) -> str:
    return endpoints.parse_base_url("issuer", text)


def _v1_url(text: str) -> str:
    return endpoints.parse_base_url("v1 URL", text)


def _base_url(text: str | None) -> str | None:
    return None if text is None else endpoints.parse_base_url("base URL", text)


def _path(path: str | Path | None) -> Path | None:
    return None if path is None else Path(path).expanduser()


def _one_of(words: tuple[str, ...]) -> Callable[["Settings", "Attribute[str]", str], None]:
    def check(_: "Settings", attribute: "Attribute[str]", value: str) -> None:
        if value not in words:
            raise InvalidArgument(f"{attribute.name} is one of {', '.join(words)}, not {value!r}")

    return check


def _number(value: int | str) -> int:
    """A number that the environment gives as text; anything else as it is, for ``_count`` to judge."""
    try:
        return int(value) if isinstance(value, str) else value
    except ValueError:
        return cast(int, value)


def _count(_: "Settings", attribute: "Attribute[int]", value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidArgument(f"{attribute.name} is a whole number of at least 1, not {value!r}")


@frozen(kw_only=True)
class Settings:
    """Every setting of a client, checked.

    Attributes
    ----------
    orgname, zone, issuer, dns_suffix : str
        Which organisation, where.
    api_url, v1_url, daily_run_url, s3_endpoint : str or None
        Base URLs that replace the derived ones; for a fake Dash or a proxy of one's own.
    client_id, client_secret : str or None
        Of an application.
    credentials_file : Path or None
        Keep sign-ins in this file (mode 0600) instead of the keyring.
    object_store : ``"s3"`` or ``"presigned"``
        How parts are uploaded: with the ticket's STS credentials, or with its presigned POST.
    part_bytes : int
        Where a part is cut, in bytes of Parquet.
    max_workers : int
        Uploads in flight.
    connect_timeout_s, read_timeout_s : float
    retry, poll : policies of domain.pacing
    origins : mapping of setting name to text
        Where each setting that was given came from.
    """

    orgname: str | None = field(default=None, converter=_org)
    zone: str | None = field(default=None, converter=_zone)
    issuer: str = field(default=endpoints.DEFAULT_ISSUER, converter=_issuer)
    dns_suffix: str = field(default=endpoints.DEFAULT_DNS_SUFFIX, validator=_one_of(endpoints.DAILY_RUN_DNS_SUFFIXES))
    api_url: str | None = field(default=None, converter=_base_url)
    v1_url: str = field(default=endpoints.V1_URL, converter=_v1_url)
    daily_run_url: str | None = field(default=None, converter=_base_url)
    s3_endpoint: str | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    credentials_file: Path | None = field(default=None, converter=_path)
    object_store: str = field(default="s3", validator=_one_of(OBJECT_STORES))
    compression: str = field(default="snappy", validator=_one_of(COMPRESSIONS))
    part_bytes: int = field(default=DEFAULT_PART_BYTES, converter=_number, validator=_count)
    max_workers: int = field(default=4, converter=_number, validator=_count)
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 60.0
    retry: RetryPolicy = field(factory=RetryPolicy)
    poll: PollPolicy = field(factory=PollPolicy)
    origins: Mapping[str, str] = field(factory=dict, eq=False, repr=False)

    def origin(self, name: str) -> str:
        """Where the setting ``name`` came from, in words."""
        return self.origins.get(name, "default")


NAMES = tuple(setting.name for setting in fields(Settings) if setting.name != "origins")


def config_path(environ: Mapping[str, str] | None = None) -> Path:
    """The configuration file: COMOTION_CONFIG, else ``config.toml`` in the platform's place."""
    named = (os.environ if environ is None else environ).get(CONFIG_FILE_ENVIRONMENT)
    if named:
        return Path(named).expanduser()
    import platformdirs

    return Path(platformdirs.user_config_dir("comotion", appauthor=False)) / "config.toml"


def read_config(path: Path) -> dict[str, str]:
    """The settings in a configuration file; none where there is no file.

    Raises
    ------
    InvalidArgument
        The file is no TOML, holds a name that may not stand there, or a value that is no text.
    """
    import tomllib

    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise InvalidArgument(f"cannot read the configuration file {path}: {wrong}") from None
    for name, value in table.items():
        if name not in IN_FILE:
            raise InvalidArgument(f"{path}: {name!r} is no setting of this file; it holds {', '.join(sorted(IN_FILE))}")
        if not isinstance(value, str):
            raise InvalidArgument(f"{path}: {name} is a text in quotes, not {value!r}")
    return table


def write_config(path: Path, settings: Mapping[str, str]) -> None:
    """Write ``settings`` (names of IN_FILE) as TOML, whole or not at all."""
    lines = [f"{name} = {_toml_text(value)}\n" for name, value in settings.items()]
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    draft.write_text("".join(lines), "utf-8")
    draft.replace(path)


def _toml_text(value: str) -> str:
    import json

    return json.dumps(value)  # a JSON string is a TOML basic string


def resolve(
    given: Mapping[str, object],
    *,
    environ: Mapping[str, str] | None = None,
    read_file: bool = False,
    leave_out: frozenset[str] = frozenset(),
) -> Settings:
    """Settings from arguments, then the environment, then (for the command line) the file, then defaults.

    Parameters
    ----------
    given : mapping
        Arguments; None means left out.
    environ : mapping, optional
        Instead of the process's environment.
    read_file : bool
        Whether the configuration file is read.
    leave_out : frozenset of str
        Names that are not looked up beyond ``given``.

    Raises
    ------
    InvalidArgument
        A name that is no setting, or a value that can never work; the message says where it stands.
    """
    for name in given:
        if name not in NAMES:
            raise InvalidArgument(f"{name!r} is no setting; there are: {', '.join(NAMES)}")
    surroundings = os.environ if environ is None else environ
    values: dict[str, object] = {}
    origins: dict[str, str] = {}
    in_file = read_config(config_path(surroundings)) if read_file else {}
    for name in NAMES:
        variable = ENVIRONMENT.get(name)
        if given.get(name) is not None:
            values[name], origins[name] = given[name], "argument"
        elif name in leave_out or variable is None:
            continue
        elif surroundings.get(variable):
            values[name], origins[name] = surroundings[variable], f"environment variable {variable}"
        elif name in in_file:
            values[name], origins[name] = in_file[name], f"file {config_path(surroundings)}"
    if "s3_endpoint" not in values and "s3_endpoint" not in leave_out and surroundings.get("AWS_ENDPOINT_URL"):
        values["s3_endpoint"] = surroundings["AWS_ENDPOINT_URL"]
        origins["s3_endpoint"] = "environment variable AWS_ENDPOINT_URL"
    return _checked(values, origins)


def _checked(values: Mapping[str, object], origins: Mapping[str, str]) -> Settings:
    for name, value in values.items():  # one at a time, so that the message can say where it stands
        try:
            Settings(**{name: value})  # type: ignore[arg-type]
        except InvalidArgument as wrong:
            if origins[name] == "argument":
                raise
            raise type(wrong)(f"{wrong} (from {origins[name]})") from None
    return Settings(**values, origins=MappingProxyType(dict(origins)))  # type: ignore[arg-type]
