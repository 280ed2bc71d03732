"""What a world with a directory of its own keeps from one process to the next, beside its lakes' tables.

People, their keys and sign-ins, v1 tables, migrations and the daily-run switch. Loads, queries and objects in
progress are not kept: whoever was waiting for them has gone.
"""

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from comotion.adapters.fake_dash.people import Application, User
from comotion.adapters.fake_dash.v1_tables import V1Table
from comotion.domain.errors import InvalidArgument
from comotion.domain.migration import MigrationType

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.organisation import Organisation
    from comotion.adapters.fake_dash.world import World

FILE_NAME = "world.json"


def keep(world: "World") -> None:
    """Write it, whole or not at all; readable by this user only, because it holds secrets."""
    place = world.directory / FILE_NAME
    draft = place.with_name(FILE_NAME + ".draft")
    world.directory.mkdir(parents=True, exist_ok=True)
    kept = {"organisations": [_organisation(one) for one in world]}
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(kept, file, indent=1)
    draft.replace(place)


def restore(world: "World") -> None:
    """Read it back into a new world; nothing where nothing was kept. Raises InvalidArgument, naming the file."""
    place: Path = world.directory / FILE_NAME
    if not place.is_file():
        return
    try:
        for kept in json.loads(place.read_text("utf-8"))["organisations"]:
            _restore(world.add_organisation(kept["name"], region=kept["region"]), kept)
            world.objects.add_bucket(kept["bucket"], kept["region"])
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise InvalidArgument(f"{place} is no kept world, or is damaged: remove it, or name another folder") from wrong


def _organisation(organisation: "Organisation") -> dict[str, Any]:
    return {
        "name": organisation.name,
        "region": organisation.region,
        "bucket": organisation.bucket,
        "users": [attrs.asdict(user) for user in organisation.users.values()],
        "applications": [attrs.asdict(application) for application in organisation.applications.values()],
        "api_keys": sorted(organisation.api_keys),
        "sign_ins": [
            {
                "token": token,
                "user": session.user.name,
                "client_id": session.client_id,
                "scope": session.scope,
                "expires_at": expires_at.isoformat(),
            }
            for token, session, expires_at in organisation.sessions.standing()
        ],
        "v1_tables": {
            name: {"columns": table.columns, "rows": table.rows} for name, table in organisation.v1.tables.items()
        },
        "migration": {kind.value: word for kind, word in organisation.migration.words.items()},
        "daily_run": organisation.daily_runs.enabled,
    }


def _restore(organisation: "Organisation", kept: Mapping[str, Any]) -> None:
    organisation.bucket = kept["bucket"]
    organisation.users = {user["name"]: User(**_with_tuples(user)) for user in kept["users"]}
    organisation.applications = {
        application["client_id"]: Application(**_with_tuples(application)) for application in kept["applications"]
    }
    organisation.api_keys = set(kept["api_keys"])
    for sign_in in kept["sign_ins"]:
        user = organisation.users.get(sign_in["user"])
        if user is not None:
            expires_at = datetime.fromisoformat(sign_in["expires_at"])
            session = organisation.sessions.begin(user, sign_in["client_id"], scope=sign_in.get("scope"))
            organisation.sessions.recall(sign_in["token"], session, expires_at)
    organisation.v1.tables = {
        name: V1Table(tuple(table["columns"]), [tuple(row) for row in table["rows"]])
        for name, table in kept["v1_tables"].items()
    }
    organisation.migration.words = {MigrationType(kind): word for kind, word in kept["migration"].items()}
    organisation.daily_runs.enabled = kept["daily_run"]


def _with_tuples(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
