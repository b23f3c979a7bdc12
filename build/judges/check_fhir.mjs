// Question: {resource: a FHIR R4 resource}.
// Verdict: {accepted, problems: ["severity location: message"]}; accepted means structurally valid R4.
import { Fhir } from 'fhir';
import { answer } from './verdict.mjs';

await answer(({ resource }) => {
  const { valid, messages } = new Fhir().validate(resource);
  return { accepted: valid, problems: messages.map((m) => `${m.severity} ${m.location}: ${m.message}`) };
});
