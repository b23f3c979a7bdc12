// One question in, one verdict out: every judge reads a JSON question from standard input and prints
// one line of JSON. A refusal is a verdict and ends with 0; any other failure is the judge's own and does not.
import { text } from 'node:stream/consumers';

export async function answer(judge) {
  const question = JSON.parse(await text(process.stdin));
  console.log(JSON.stringify(await judge(question)));
}

// Runs `attempt`; an error of the judging library's own tree becomes {accepted: false, refusal: its name}.
export async function accepted(attempt, RefusalBase) {
  try {
    return { accepted: true, ...(await attempt()) };
  } catch (error) {
    if (error instanceof RefusalBase) return { accepted: false, refusal: error.name };
    throw error;
  }
}
