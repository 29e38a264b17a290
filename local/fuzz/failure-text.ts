import type { Failure } from './run';

/** A giant frame need not be read by anybody. */
const MAX_BYTES_SHOWN = 4_096;

/** A failing exchange for a human: a line of JSON that `--replay` reads, what was wrong, and all bytes in order. */
export function failureText({ seed, index, title, over, problems, log }: Failure): string {
  const lines = [JSON.stringify({ seed, index, over }), title, ...problems.map((problem) => `! ${problem}`)];
  log.connections.forEach(({ entries }, nth) => {
    lines.push(`connection ${nth + 1}`);
    for (const entry of entries) {
      const data = 'data' in entry ? ` ${shown(entry.data)}` : '';
      lines.push(`${entry.order} ${entry.kind}${data}`);
    }
  });
  log.questions.forEach(({ request, answers }) => {
    lines.push(`OPTIONS ${request === null ? '(not sent)' : shown(request)}`);
    for (const { order, data } of answers) lines.push(`${order} answer ${shown(data)}`);
  });
  return `${lines.join('\n')}\n`;
}

/** As a JSON text of Latin-1: one character is one byte. */
function shown(data: Buffer): string {
  const cut = data.length > MAX_BYTES_SHOWN ? ` ... (${data.length} bytes)` : '';
  return JSON.stringify(data.toString('latin1', 0, MAX_BYTES_SHOWN)) + cut;
}
