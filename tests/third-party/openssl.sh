#!/bin/sh
# Checks a signed run with openssl and nothing else that understands it: openssl.sh RUN PUBLIC_KEY
#
# Exits with 0 when it accepts, with 100 when it refuses, and with anything else when it is broken.
set -eu

run=$1
key=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

refuse() {
    echo "refused: $1"
    exit 100
}

# The envelope is canonical JSON: one line, each key once.
field() { sed -n "s/.*\"$1\":\"\\([^\"]*\\)\".*/\\1/p" "$run/provenance.dsse.json"; }

field payload | openssl base64 -d -A >"$work/payload"
field sig | openssl base64 -d -A >"$work/signature"
type=$(field payloadType)
{
    printf 'DSSEv1 %d %s %d ' "${#type}" "$type" "$(wc -c <"$work/payload")"
    cat "$work/payload"
} >"$work/signed"
openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in "$work/signed" -sigfile "$work/signature" \
    >"$work/told" 2>&1 || {
    grep -q '^Signature Verification Failure' "$work/told" || { cat "$work/told" && exit 1; }
    refuse 'the signature does not hold'
}
cmp -s "$work/payload" "$run/provenance.json" || refuse "the payload is not provenance.json"

# Every subject, as `sha256  name`.
sed 's/.*"subject":\[//' "$work/payload" | grep -o '{"digest":{"sha256":"[0-9a-f]*"},"name":"[^"]*"}' |
    sed 's/.*"sha256":"\([0-9a-f]*\)"},"name":"\([^"]*\)"}/\1  \2/' >"$work/subjects"
test -s "$work/subjects"
while read -r digest name; do
    actual=$(openssl dgst -sha256 -r "$run/$name" | cut -d ' ' -f 1)
    test "$actual" = "$digest" || refuse "$name has another digest"
done <"$work/subjects"
echo accepted
