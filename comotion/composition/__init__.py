"""The composition root: settings, and which adapter stands behind which port."""

from comotion.composition.client import Dash, connect
from comotion.composition.settings import Settings, config_path, read_config, resolve, write_config
from comotion.composition.wiring import (
    SignInWiring,
    Wiring,
    World,
    chunk_csv,
    gzip_csv,
    open_source,
    part_encoder,
    real_world,
    v1_gateway,
    whole_file,
)

__all__ = [
    "Dash",
    "Settings",
    "SignInWiring",
    "Wiring",
    "World",
    "chunk_csv",
    "config_path",
    "connect",
    "gzip_csv",
    "open_source",
    "part_encoder",
    "read_config",
    "real_world",
    "resolve",
    "v1_gateway",
    "whole_file",
    "write_config",
]
