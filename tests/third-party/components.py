"""Checks a list of components with cyclonedx-python-lib's strict JSON schema of version 1.5: components.py FILE

Exits with 0 when it accepts, with 100 when it refuses, and with anything else when it is broken.
"""

import sys
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

error = JsonStrictValidator(SchemaVersion.V1_5).validate_str(Path(sys.argv[1]).read_text())
if error:
    print(f"refused: {str(error).splitlines()[0]}")
    sys.exit(100)
print("accepted")
