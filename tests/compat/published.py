"""The published surface, written out: what scripts in the field type, and what they read back."""

SIGNATURES = {
    "comotion.auth": """
Auth(orgname, issuer='https://auth.comotion.us', credentials_cache_class=None, entity_type=None,
    application_client_id=None, application_client_secret=None)
Auth.authenticate()
Auth.get_access_token()
PKCE(code_challenge, code_verifier)
PKCE.get_code_challenge()
PKCE.get_code_verifier()
CredentialsCacheInterface(issuer, orgname)
CredentialsCacheInterface.get_current_user()
CredentialsCacheInterface.get_refresh_token()
CredentialsCacheInterface.set_refresh_token(username, token)
KeyringCredentialCache(issuer, orgname)
""",
    "comotion.dash": """
DashConfig(auth, zone=None, dns_suffix='comodash.io')
Dashconfig(auth, zone=None, dns_suffix='comodash.io')
Query(config, query_text=None, query_id=None)
Query.get_query_info()
Query.state()
Query.is_complete()
Query.wait_to_complete()
Query.get_csv_for_streaming()
Query.download_csv(output_file_path, fail_if_exists=False)
Query.stop()
Load(config, load_type=None, table_name=None, load_as_service_client_id=None, partitions=None,
    load_id=None, track_rows_uploaded=None, path_to_output_for_dryrun=None, modify_lambda=None,
    chunksize=None)
Load.upload_df(data=None, file_key=None)
Load.upload_file(data, file_key=None, use_file_name_as_key=False, max_workers=None, **pd_read_kwargs)
Load.upload_dash_query(data, file_key=None, max_workers=None, **pd_read_kwargs)
Load.commit(check_sum=None)
Load.get_load_info()
Load.wait_to_complete()
Load.create_file_key()
Load.generate_presigned_url_for_file_upload(file_key=None)
DashBulkUploader(config=None)
DashBulkUploader.add_load(table_name, check_sum=None, modify_lambda=None, load_type='APPEND_ONLY',
    load_as_service_client_id=None, partitions=None, track_rows_uploaded=False,
    path_to_output_for_dryrun=None, chunksize=None)
DashBulkUploader.add_data_to_load(table_name, data, file_key=None, source_type=None, **pd_read_kwargs)
DashBulkUploader.remove_data_from_load(table_name, file_key)
DashBulkUploader.remove_load(table_name)
DashBulkUploader.execute_upload(table_name, max_workers=None)
DashBulkUploader.execute_multiple_uploads(table_names, max_workers=None)
DashBulkUploader.execute_all_uploads()
DashBulkUploader.get_load_info()
Migration(config)
Migration.start(migration_type='FLASH_SCHEMA', clear_out_new_lake=False)
Migration.status()
DailyRun(config)
DailyRun.get_daily_run_enabled()
DailyRun.update_daily_run_enabled(enabled)
DailyRun.get_execution_info(mode=None, limit=None)
DailyRun.start_execution()
v1_upload_csv(file, dash_table, dash_orgname, dash_api_key, encoding='utf-8', chunksize=30000,
    modify_lambda=None, path_to_output_for_dryrun=None, service_client_id='0')
upload_csv_to_dash(dash_orgname, dash_api_key, dash_table, csv_gz_stream, service_client_id='0')
create_gzipped_csv_stream_from_df(df)
read_and_upload_file_to_dash(file, dash_table, dash_orgname, file_key=None, dash_api_key=None,
    check_sum=None, encoding='utf-8', chunksize=30000, modify_lambda=None, path_to_output_for_dryrun=None,
    service_client_id='0', partitions=None, load_type='APPEND_ONLY', data_model_version=None,
    entity_type='user', application_client_id=None, application_client_secret=None)
upload_from_oracle(sql_host, sql_port, sql_service_name, sql_username, sql_password, sql_query,
    dash_table, dash_orgname, dash_api_key, dtypes=None, include_snapshot=True, export_csvs=True,
    chunksize=50000, output_path=None, sep='\\t', max_tries=5)
""",
}

CONSTANTS = {
    "Query.COMPLETED_STATES": ["SUCCEEDED", "CANCELLED", "FAILED"],
    "Query.SUCCEEDED_STATE": "SUCCEEDED",
    "DailyRun.REQUIRED_AUDIENCE": "dash_api",
    "DailyRun.EXECUTION_READ_SCOPE": "dailyrun:execution:read",
    "DailyRun.EXECUTION_WRITE_SCOPE": "dailyrun:execution:write",
    "DailyRun.ENABLED_READ_SCOPE": "dailyrun:enabled:read",
    "DailyRun.ENABLED_WRITE_SCOPE": "dailyrun:enabled:write",
    "DailyRun.EXECUTION_READ_SCOPES": ("dailyrun:execution:read",),
    "DailyRun.EXECUTION_WRITE_SCOPES": ("dailyrun:execution:write",),
    "DailyRun.ENABLED_READ_SCOPES": ("dailyrun:enabled:read",),
    "DailyRun.ENABLED_WRITE_SCOPES": ("dailyrun:enabled:write",),
    "DailyRun.GetDailyRunExecutionMode.LIST.value": "list",
    "DailyRun.GetDailyRunExecutionMode.LATEST.value": "latest",
    "DailyRun.GetDailyRunExecutionMode.LAST_SUCCESSFUL.value": "last_successful",
    "DAILY_RUN_DNS_SUFFIXES": ("comodash.io", "comodash.com"),
    "DEFAULT_DNS_SUFFIX": "comodash.io",
    "Auth.USER": "user",
    "Auth.APPLICATION": "application",
}

ATTRIBUTES = {
    "QueryInfo": ("query", "query_id", "statement_type", "status"),
    "LoadInfo": ("load_status", "error_type", "error_messages"),
    "FileUploadResponse": ("presigned_url", "sts_credentials", "path", "bucket"),
    "MigrationStatus": (
        "flash_schema_status",
        "flash_schema_message",
        "full_migration_status",
        "full_migration_message",
    ),
    "ExecutionStatus": ("executions", "name", "status", "start_date", "stop_date", "message"),
    "Execution": ("name", "status", "start_date", "stop_date"),
    "StartExecutionResponse": (
        "message",
        "started",
        "execution_arn",
        "start_date",
        "execution_name",
        "state_machine_arn",
        "running_execution",
    ),
}

ALSO_IMPORTABLE = (
    "QueryInfo",
    "LoadInfo",
    "FileUploadResponse",
    "Auth",
    "UnAuthenticatedException",
    "ApiException",
    "BadRequestException",
    "NotFoundException",
    "IncompleteRead",
    "DAILY_RUN_DNS_SUFFIXES",
    "DEFAULT_DNS_SUFFIX",
)
