"""What Arrow reads alone costs no import of pandas, which is a quarter of a second and 40 MB."""

import subprocess
import sys

READ = """
import sys
from comotion.adapters.readers import open_source
from comotion.ports.tables import SourceSpec

source = open_source(SourceSpec(data=sys.argv[1], name="t.csv"))
rows = sum(batch.num_rows for batch in source.batches())
print(rows, [str(column.type) for column in source.schema().columns], "pandas" in sys.modules)
"""


def test_a_plain_csv_is_read_without_pandas(tmp_path):
    place = tmp_path / "t.csv"
    place.write_text("a,b,c,d,e\n1,-2.5,true,x,1234567890123456\n2,,false,é,5\n")
    done = subprocess.run([sys.executable, "-c", READ, str(place)], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "2 ['int64', 'double', 'boolean', 'string', 'int64'] False", done.stderr
