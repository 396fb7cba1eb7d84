// Checks a signed run with @sigstore/verify: sigstore.cjs RUN PUBLIC_KEY
//
// Exits with 0 when it accepts, with 100 when it refuses, and with anything else when it is broken.

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { bundleFromJSON } = require('@sigstore/bundle');
const { Verifier, VerificationError, toSignedEntity, toTrustMaterial } = require('@sigstore/verify');

function refuse(why) {
  console.log(`refused: ${why}`);
  process.exit(100);
}

const [run, keyFile] = process.argv.slice(2);
const read = (name) => fs.readFileSync(path.join(run, name));

const bundle = bundleFromJSON(JSON.parse(read('provenance.sigstore.json')));
const publicKey = crypto.createPublicKey(fs.readFileSync(keyFile));
// The key is the only one that is trusted, whatever the bundle hints at.
const trusted = toTrustMaterial(
  { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] },
  () => ({ publicKey, validFor: () => true }),
);
const verifier = new Verifier(trusted, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 });
try {
  verifier.verify(toSignedEntity(bundle));
} catch (error) {
  if (error instanceof VerificationError) refuse(error.message);
  throw error;
}
const payload = bundle.content.dsseEnvelope.payload;
if (!payload.equals(read('provenance.json'))) refuse('the payload is not provenance.json');
for (const { name, digest } of JSON.parse(payload).subject) {
  const actual = crypto.createHash('sha256').update(read(name)).digest('hex');
  if (actual !== digest.sha256) refuse(`${name} has another digest`);
}
console.log('accepted');
