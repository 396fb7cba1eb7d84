"""Checks a signed run with securesystemslib and in-toto-attestation: in_toto.py RUN PUBLIC_KEY

Exits with 0 when it accepts, with 100 when it refuses, and with anything else when it is broken.
"""

import hashlib
import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.protobuf.json_format import ParseDict
from in_toto_attestation.predicates.provenance.v1.provenance_pb2 import Provenance
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey


def refuse(why):
    print(f"refused: {why}")
    sys.exit(100)


def statement(run, name, key):
    """The payload of an envelope under the key, and what it says: every subject is the file of that name."""
    envelope = Envelope.from_dict(json.loads((run / name).read_text()))
    try:
        envelope.verify([key], 1)
    except VerificationError as error:
        refuse(error)
    # Strict: what the schema does not know is an error.
    value = json.loads(envelope.payload)
    parsed = Statement.copy_from_pb(ParseDict(value, statement_pb2.Statement()))
    parsed.validate()
    for subject in parsed.pb.subject:
        if hashlib.sha256((run / subject.name).read_bytes()).hexdigest() != subject.digest["sha256"]:
            refuse(f"{subject.name} has another digest")
    return envelope.payload, value


def verify(run, key_file):
    key = SSlibKey.from_crypto(load_pem_public_key(key_file.read_bytes()))
    payload, value = statement(run, "provenance.dsse.json", key)
    if payload != (run / "provenance.json").read_bytes():
        refuse("the payload is not provenance.json")
    predicate = ParseDict(value["predicate"], Provenance())
    for dependency in predicate.build_definition.resolved_dependencies:
        ResourceDescriptor.copy_from_pb(dependency).validate()
    assert predicate.build_definition.build_type and predicate.run_details.builder.id
    statement(run, "record.dsse.json", key)


verify(Path(sys.argv[1]), Path(sys.argv[2]))
print("accepted")
