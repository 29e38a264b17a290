/**
 * Takes secrets out of what is about to be logged: by the name of the field, and by value for those that are known.
 * Pure. Copes with anything: cycles, errors, huge and deep values.
 */

const SECRET_NAME = /passw|secret|token|authori[sz]ation|credential|api-?key/i;
const HIDDEN = '[redacted]';

/** Deep enough for anything we log, and an end for what is deeper. */
const MAX_DEPTH = 8;
/** CloudWatch Logs cuts an event at 256 KB; a text that long helps nobody. */
const MAX_TEXT = 4_000;

export function redact(value: unknown, secrets: readonly string[]): unknown {
  return walk(
    value,
    secrets.filter((secret) => secret !== ''),
    0,
  );
}

export function redactText(text: string, secrets: readonly string[]): string {
  const hidden = secrets.reduce((clean, secret) => (secret === '' ? clean : clean.replaceAll(secret, HIDDEN)), text);
  return hidden.length <= MAX_TEXT ? hidden : `${hidden.slice(0, MAX_TEXT)}… (${hidden.length} characters)`;
}

function walk(value: unknown, secrets: readonly string[], depth: number): unknown {
  if (typeof value === 'string') return redactText(value, secrets);
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[too deep]';
  if (value instanceof Error) return walk(plainError(value), secrets, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof Uint8Array) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map((each) => walk(each, secrets, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      redactText(name, secrets),
      // A name says "secret", but an ARN or a yes/no about one is no secret and helps to find the mistake.
      SECRET_NAME.test(name) && typeof each === 'string' && !each.startsWith('arn:')
        ? HIDDEN
        : walk(each, secrets, depth + 1),
    ]),
  );
}

function plainError(error: Error): Record<string, unknown> {
  const cause = error.cause === undefined ? {} : { cause: error.cause };
  return { name: error.name, message: error.message, stack: error.stack, ...cause };
}
