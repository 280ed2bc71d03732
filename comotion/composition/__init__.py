"""The composition root: settings, and which adapter stands behind which port."""

from comotion.composition.settings import Settings, config_path, read_config, resolve, write_config
from comotion.composition.wiring import (
    SHARED_WORLD,
    SignInWiring,
    Wiring,
    World,
    part_encoder,
    v1_gateway,
)

__all__ = [
    "SHARED_WORLD",
    "Settings",
    "SignInWiring",
    "Wiring",
    "World",
    "config_path",
    "part_encoder",
    "read_config",
    "resolve",
    "v1_gateway",
    "write_config",
]
