"""Bytes: encodings, hashes, integers and floats as bytes, UUIDs."""

from __future__ import annotations

from comotion.adapters.fake_dash.lake.analysis.typed import Typed
from comotion.adapters.fake_dash.lake.functions.table import Family, kernel
from comotion.adapters.fake_dash.lake.types import VARCHAR

SCALARS = Family()
FAMILIES = (SCALARS,)
add = SCALARS.add

add("concat(varbinary, varbinary, ...) -> varbinary", lambda call: f"({' || '.join(a.sql for a in call.arguments)})")
for _name in ("md5", "sha1", "sha256", "sha512", "xxhash64", "murmur3"):
    add(f"{_name}(varbinary) -> varbinary", kernel())
for _name in ("hmac_md5", "hmac_sha1", "hmac_sha256", "hmac_sha512"):
    add(f"{_name}(varbinary, varbinary) -> varbinary", kernel())
add("crc32(varbinary) -> bigint", kernel())
for _name in ("hex", "base64", "base64url", "base32"):
    add(f"to_{_name}(varbinary) -> varchar", kernel())
    add(f"from_{_name}(varchar) -> varbinary", kernel())
    add(
        f"from_{_name}(varbinary) -> varbinary",
        (lambda name: lambda call: call.kernel(name, [Typed(f"decode({call.sql(0)})", VARCHAR)]))(f"from_{_name}"),
    )
add("to_big_endian_64(bigint) -> varbinary", kernel())
add("from_big_endian_64(varbinary) -> bigint", kernel())
add("to_big_endian_32(integer) -> varbinary", kernel())
add("from_big_endian_32(varbinary) -> integer", kernel())
add("to_ieee754_64(double) -> varbinary", kernel())
add("from_ieee754_64(varbinary) -> double", kernel())
add("to_ieee754_32(real) -> varbinary", kernel())
add("from_ieee754_32(varbinary) -> real", kernel())
add("uuid() -> uuid", "uuid()")
