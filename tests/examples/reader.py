"""What a reader of the guides has at hand: a file of policies, and a shell with the console script in it."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from comotion.testing import FakeDash

ORGANISATIONS = ("my_org_name", "my_dash_orgname", "myorgname")
POLICIES = "id,name,age,salary\n1,Ann,41,12000.5\n2,Ben,29,344.5\n"
BROWSER = """
import sys, urllib.request
urllib.request.urlopen(sys.argv[1]).read()
"""


def typed(lines: str, place: Path, *, org: str) -> str:
    """Type shell lines as a guide prints them; what they wrote. The log-in page signs the user in at once."""
    (place / "browser.py").write_text(BROWSER)
    (place / "policies.csv").write_text(POLICIES)
    with FakeDash(org) as fake, fake.serve(auto_login=True) as server:
        environment = {
            **os.environ,
            "PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}",
            "BROWSER": f"{sys.executable} {place / 'browser.py'} %s",
            "COMOTION_ISSUER": server.url,
            "COMOTION_API_URL": f"{server.url}/v2",
            "AWS_ENDPOINT_URL_S3": server.url,
            "COMOTION_CREDENTIALS_FILE": str(place / "credentials"),
            "COMOTION_CONFIG": str(place / "none.toml"),
        }
        done = subprocess.run(
            "\n".join(line.removeprefix("> ") for line in lines.splitlines()),
            shell=True,
            cwd=place,
            input=f"{org}\n",
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr
