// Question: {shlink, recipient, passcode?, embeddedLengthMax?, key?: JWK for cards inside the link}.
// Verdict: {accepted, resources: [{resourceType, type, entries: [types]}], cards: count} or {accepted: false, refusal}.
// The manifest and the files are fetched from the relay the link names, over real HTTP.
import { SHLError, SHLViewer } from 'kill-the-clipboard';
import { accepted, answer } from './verdict.mjs';

const outline = ({ resourceType, type, entry }) => ({ resourceType, type, entries: (entry ?? []).map((e) => e.resource.resourceType) });

await answer(({ shlink, key, ...asked }) =>
  accepted(async () => {
    const viewer = new SHLViewer({ shlinkURI: shlink });
    const opened = await viewer.resolveSHL({ ...asked, ...(key && { shcReaderConfig: { publicKey: key } }) });
    return { resources: opened.fhirResources.map(outline), cards: opened.smartHealthCards.length };
  }, SHLError),
);
