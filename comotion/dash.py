"""Comotion Dash: load tables into the lake, query it, migrate it, run its daily run.

The door that scripts import from. Each name is fetched when it is first used, so that importing this module
costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from urllib3.exceptions import IncompleteRead as IncompleteRead

    from comotion.application.bulk import TableReport as TableReport
    from comotion.domain.daily_run import Execution as Execution
    from comotion.domain.daily_run import ExecutionStatus as ExecutionStatus
    from comotion.domain.daily_run import StartExecutionResponse as StartExecutionResponse
    from comotion.domain.endpoints import DAILY_RUN_DNS_SUFFIXES as DAILY_RUN_DNS_SUFFIXES
    from comotion.domain.endpoints import DEFAULT_DNS_SUFFIX as DEFAULT_DNS_SUFFIX
    from comotion.domain.errors import ApiException as ApiException
    from comotion.domain.errors import BadRequestException as BadRequestException
    from comotion.domain.errors import BadSql as BadSql
    from comotion.domain.errors import BrokenAnswer as BrokenAnswer
    from comotion.domain.errors import CheckSumsDiffer as CheckSumsDiffer
    from comotion.domain.errors import ComotionError as ComotionError
    from comotion.domain.errors import ComotionWarning as ComotionWarning
    from comotion.domain.errors import Conflict as Conflict
    from comotion.domain.errors import DataError as DataError
    from comotion.domain.errors import DataWarning as DataWarning
    from comotion.domain.errors import IncompleteDownload as IncompleteDownload
    from comotion.domain.errors import InvalidArgument as InvalidArgument
    from comotion.domain.errors import JobFailed as JobFailed
    from comotion.domain.errors import LoadFailed as LoadFailed
    from comotion.domain.errors import MigrationConflict as MigrationConflict
    from comotion.domain.errors import MigrationFailed as MigrationFailed
    from comotion.domain.errors import MissingServiceClientId as MissingServiceClientId
    from comotion.domain.errors import NoDailyRunSetting as NoDailyRunSetting
    from comotion.domain.errors import NotFoundException as NotFoundException
    from comotion.domain.errors import OutcomeUnknown as OutcomeUnknown
    from comotion.domain.errors import QueryFailed as QueryFailed
    from comotion.domain.errors import ServiceUnreachable as ServiceUnreachable
    from comotion.domain.errors import SkippedFiles as SkippedFiles
    from comotion.domain.errors import StorageRefused as StorageRefused
    from comotion.domain.errors import UnAuthenticatedException as UnAuthenticatedException
    from comotion.domain.errors import UnknownQuery as UnknownQuery
    from comotion.domain.errors import UploadFailed as UploadFailed
    from comotion.domain.errors import WaitTimedOut as WaitTimedOut
    from comotion.domain.load import LoadInfo as LoadInfo
    from comotion.domain.migration import MigrationStatus as MigrationStatus
    from comotion.domain.query import QueryInfo as QueryInfo
    from comotion.facade.auth import Auth as Auth
    from comotion.facade.bulk import DashBulkUploader as DashBulkUploader
    from comotion.facade.config import DashConfig as DashConfig
    from comotion.facade.functions import read_and_upload_file_to_dash as read_and_upload_file_to_dash
    from comotion.facade.load import Load as Load
    from comotion.facade.operations import DailyRun as DailyRun
    from comotion.facade.operations import Migration as Migration
    from comotion.facade.query import Query as Query
    from comotion.facade.sql import upload_from_oracle as upload_from_oracle
    from comotion.facade.sql import upload_from_sql as upload_from_sql
    from comotion.facade.v1 import create_gzipped_csv_stream_from_df as create_gzipped_csv_stream_from_df
    from comotion.facade.v1 import upload_csv_to_dash as upload_csv_to_dash
    from comotion.facade.v1 import v1_upload_csv as v1_upload_csv

_PLACES = {
    "ApiException": "comotion.domain.errors",
    "Auth": "comotion.facade.auth",
    "BadRequestException": "comotion.domain.errors",
    "BadSql": "comotion.domain.errors",
    "BrokenAnswer": "comotion.domain.errors",
    "CheckSumsDiffer": "comotion.domain.errors",
    "ComotionError": "comotion.domain.errors",
    "ComotionWarning": "comotion.domain.errors",
    "Conflict": "comotion.domain.errors",
    "DAILY_RUN_DNS_SUFFIXES": "comotion.domain.endpoints",
    "DEFAULT_DNS_SUFFIX": "comotion.domain.endpoints",
    "DailyRun": "comotion.facade.operations",
    "DashBulkUploader": "comotion.facade.bulk",
    "DashConfig": "comotion.facade.config",
    "Dashconfig": "comotion.facade.config:DashConfig",  # the guide's other spelling
    "DataError": "comotion.domain.errors",
    "DataWarning": "comotion.domain.errors",
    "Execution": "comotion.domain.daily_run",
    "ExecutionStatus": "comotion.domain.daily_run",
    "FileUploadResponse": "comotion.domain.load:UploadTicket",
    "IncompleteDownload": "comotion.domain.errors",
    "IncompleteRead": "urllib3.exceptions",
    "InvalidArgument": "comotion.domain.errors",
    "JobFailed": "comotion.domain.errors",
    "Load": "comotion.facade.load",
    "LoadFailed": "comotion.domain.errors",
    "LoadInfo": "comotion.domain.load",
    "Migration": "comotion.facade.operations",
    "MigrationConflict": "comotion.domain.errors",
    "MigrationFailed": "comotion.domain.errors",
    "MigrationStatus": "comotion.domain.migration",
    "MissingServiceClientId": "comotion.domain.errors",
    "NoDailyRunSetting": "comotion.domain.errors",
    "NotFoundException": "comotion.domain.errors",
    "OutcomeUnknown": "comotion.domain.errors",
    "Query": "comotion.facade.query",
    "QueryFailed": "comotion.domain.errors",
    "QueryInfo": "comotion.domain.query",
    "ServiceUnreachable": "comotion.domain.errors",
    "SkippedFiles": "comotion.domain.errors",
    "StartExecutionResponse": "comotion.domain.daily_run",
    "StorageRefused": "comotion.domain.errors",
    "TableReport": "comotion.application.bulk",
    "UnAuthenticatedException": "comotion.domain.errors",
    "UnknownQuery": "comotion.domain.errors",
    "UploadFailed": "comotion.domain.errors",
    "WaitTimedOut": "comotion.domain.errors",
    "create_gzipped_csv_stream_from_df": "comotion.facade.v1",
    "read_and_upload_file_to_dash": "comotion.facade.functions",
    "upload_csv_to_dash": "comotion.facade.v1",
    "upload_from_oracle": "comotion.facade.sql",
    "upload_from_sql": "comotion.facade.sql",
    "v1_upload_csv": "comotion.facade.v1",
}

__all__ = list(_PLACES)


def __getattr__(name: str) -> object:
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, other_name = place.partition(":")
    found = getattr(import_module(module), other_name or name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
