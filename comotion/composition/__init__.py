"""The composition root: settings, and which adapter stands behind which port."""

from comotion.composition.client import Dash, connect
from comotion.composition.settings import Settings, config_path, read_config, resolve, write_config
from comotion.composition.sign_in import SignInWiring, World, real_world
from comotion.composition.wiring import (
    Wiring,
    chunk_csv,
    gzip_csv,
    open_source,
    part_encoder,
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
