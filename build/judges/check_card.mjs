// Question: {key: JWK, jws: text} or {key, numeric: ["shc:/…"]} or {key, file: text of a .smart-health-card}.
// Verdict: {accepted, entries: count, type: of the Bundle} or {accepted: false, refusal}.
import { SHCError, SHCReader } from 'kill-the-clipboard';
import { accepted, answer } from './verdict.mjs';

async function read({ key, jws, numeric, file }) {
  const reader = new SHCReader({ publicKey: key });
  if (numeric) return reader.fromQRNumeric(numeric);
  return file ? reader.fromFileContent(file) : reader.fromJWS(jws);
}

await answer((question) =>
  accepted(async () => {
    const card = await read(question);
    const bundle = await card.asBundle();
    return { entries: bundle.entry.length, type: bundle.type };
  }, SHCError),
);
