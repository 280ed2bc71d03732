"""Functions over JSON documents (the SQL/JSON ones stand in analysis/jsonfunctions.py)."""

from __future__ import annotations

from comotion.adapters.fake_dash.lake.functions.table import Family, kernel

SCALARS = Family()
FAMILIES = (SCALARS,)
add = SCALARS.add

add("json_parse(varchar) -> json", kernel())
add("json_format(json) -> varchar", "$1")
for _type in ("json", "varchar(x)"):
    add(f"is_json_scalar({_type}) -> boolean", kernel())
    add(f"json_array_length({_type}) -> bigint", kernel())
    add(f"json_array_get({_type}, bigint) -> json", kernel())
    add(f"json_extract({_type}, varchar) -> json", kernel())
    add(f"json_extract_scalar({_type}, varchar) -> {'varchar(x)' if _type == 'varchar(x)' else 'varchar'}", kernel())
    add(f"json_size({_type}, varchar) -> bigint", kernel())
    for _item in ("boolean", "bigint", "double", "varchar"):
        add(f"json_array_contains({_type}, {_item}) -> boolean", kernel())
