"""``comotion dash``: the migration to data model v2, and the daily run."""

import click

from comotion.cli import output
from comotion.cli.session import Session, pass_session
from comotion.domain.endpoints import DAILY_RUN_DNS_SUFFIXES
from comotion.domain.migration import MigrationPlan, MigrationType

dns_suffix_option = click.option(
    "--dns-suffix",
    type=click.Choice(DAILY_RUN_DNS_SUFFIXES),
    help="comodash.io is eu-west-1, comodash.com us-east-1.",
)
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


@click.command("start-migration")
@click.option("--full-migration", is_flag=True, help="All data; the default.")
@click.option("--flash-schema", is_flag=True, help="Schemas and one row of each table.")
@click.option("-c", "--clear-out-new-lake", is_flag=True, help="Delete what the v2 lake holds first.")
@click.option("--wait/--no-wait", default=False, help="Return when the migration is over, or at once (the default).")
@yes_option
@pass_session
def start_migration(
    session: Session, full_migration: bool, flash_schema: bool, clear_out_new_lake: bool, wait: bool, yes: bool
) -> None:
    """Move the lake from data model v1 to v2."""
    from comotion.dash import Migration

    if full_migration and flash_schema:
        raise click.UsageError("give --full-migration or --flash-schema, not both")
    migration_type = MigrationType.FLASH_SCHEMA.value if flash_schema else MigrationType.FULL_MIGRATION.value
    plan = MigrationPlan.parse(migration_type, clear_out_new_lake)
    config = session.config()
    if plan.irreversible() and not yes:
        output.confirm(f"{config.orgname}: {' and '.join(plan.irreversible())}. This cannot be undone. Go on?")
    migration = Migration(config)
    with output.watching(lambda: f"{plan.migration_type.value}: waiting"):
        migration.start(migration_type=migration_type, clear_out_new_lake=clear_out_new_lake, wait=wait)
    output.data(f"{plan.migration_type.value} {'completed' if wait else 'started'}")


@click.command("migration-status")
@pass_session
def migration_status(session: Session) -> None:
    """Print how far both migrations are."""
    from comotion.dash import Migration

    status = Migration(session.config()).status()
    for title, kind in (
        ("Flash schema", MigrationType.FLASH_SCHEMA),
        ("Full migration", MigrationType.FULL_MIGRATION),
    ):
        output.data(f"{title} process: {status.word(kind)}")
        if status.message(kind):
            output.data(f"{title} message: {status.message(kind)}")


@click.command("daily-run-enabled")
@dns_suffix_option
@pass_session
def daily_run_enabled(session: Session, dns_suffix: str | None) -> None:
    """Print whether the daily run is on.

    As JSON: true or false.
    """
    from comotion.dash import DailyRun

    output.data_json(DailyRun(session.config(dns_suffix)).get_daily_run_enabled())


@click.command("update-daily-run-enabled")
@click.option("--enable", is_flag=True, help="Switch it on.")
@click.option("--disable", is_flag=True, help="Switch it off.")
@dns_suffix_option
@pass_session
def update_daily_run_enabled(session: Session, enable: bool, disable: bool, dns_suffix: str | None) -> None:
    """Switch the daily run on or off."""
    from comotion.dash import DailyRun

    if enable == disable:
        raise click.UsageError("give either --enable or --disable")
    output.data_json(DailyRun(session.config(dns_suffix)).update_daily_run_enabled(enable))


@click.command("daily-run-execution-info")
@click.option("--mode", type=click.Choice(["list", "latest", "last_successful"]), help="list is the default.")
@click.option("--limit", type=click.IntRange(1, 200), help="How many, in list mode.")
@dns_suffix_option
@pass_session
def daily_run_execution_info(session: Session, mode: str | None, limit: int | None, dns_suffix: str | None) -> None:
    """Print executions of the daily run, as JSON."""
    from comotion.dash import DailyRun

    daily_run = DailyRun(session.config(dns_suffix))
    chosen = None if mode is None else DailyRun.GetDailyRunExecutionMode(mode)
    history = daily_run.get_execution_info(mode=chosen, limit=limit)
    output.data_json(None if history is None else history.to_dict())


@click.command("start-daily-run-execution")
@yes_option
@dns_suffix_option
@pass_session
def start_daily_run_execution(session: Session, yes: bool, dns_suffix: str | None) -> None:
    """Start the daily run, unless one runs."""
    from comotion.dash import DailyRun

    config = session.config(dns_suffix)
    if not yes:
        output.confirm(f"Start the daily run of {config.orgname} now?")
    output.data_json(DailyRun(config).start_execution().to_dict())


COMMANDS = (
    start_migration,
    migration_status,
    daily_run_enabled,
    update_daily_run_enabled,
    daily_run_execution_info,
    start_daily_run_execution,
)
