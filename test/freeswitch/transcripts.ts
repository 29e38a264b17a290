import * as fs from 'node:fs';
import * as path from 'node:path';

/**
 * Loads the recordings of a real FreeSWITCH. The format is described in the README beside them: `C` is the asking
 * side, `S` is FreeSWITCH; `X: ` is a line with its end, `X- ` one without; `* ` is an event with its time.
 */
export type Step =
  | { kind: 'bytes'; side: 'C' | 'S'; data: Buffer }
  | { kind: 'event'; atMs: number | null; text: string }
  | { kind: 'comment'; text: string };

/** Consecutive lines of one side, joined: what went over the wire between two events or comments. */
export interface Turn {
  side: 'C' | 'S';
  data: Buffer;
}

export interface Transcript {
  name: string;
  title: string;
  steps: Step[];
}

const repositoryRoot = path.resolve(__dirname, '..', '..');

/** Where the recordings are; `UNDERSTUDY_SHARED` overrides the folder beside the repository. */
export function transcriptFolder(): string {
  const shared = process.env['UNDERSTUDY_SHARED'] ?? path.resolve(repositoryRoot, '..', 'shared');
  const folder = path.join(shared, 'freeswitch', 'transcripts');
  if (!fs.existsSync(folder)) {
    throw new Error(
      `no transcripts at ${folder}: set UNDERSTUDY_SHARED to the folder that holds freeswitch/transcripts`,
    );
  }
  return folder;
}

/** Names without `.txt`, for example `esl-sigkill`, sorted. */
export function transcriptNames(prefix = ''): string[] {
  return fs
    .readdirSync(transcriptFolder())
    .filter((file) => file.endsWith('.txt') && file.startsWith(prefix))
    .map((file) => file.slice(0, -'.txt'.length))
    .sort();
}

export function loadTranscript(name: string): Transcript {
  return parseTranscript(name, fs.readFileSync(path.join(transcriptFolder(), `${name}.txt`), 'utf8'));
}

export function parseTranscript(name: string, text: string): Transcript {
  const lines = text.split('\n');
  const eol = lines.some((line) => line.startsWith('# eol: CRLF')) ? '\r\n' : '\n';
  const steps: Step[] = [];
  for (const line of lines) {
    const step = parseLine(line, eol);
    if (step !== null) steps.push(step);
  }
  return { name, title: (lines[0] ?? '').replace(/^# /, ''), steps };
}

/** The turns of a recording: lines of one side joined up to the next event (each send is one event). */
export function turnsOf(transcript: Transcript): Turn[] {
  const turns: Turn[] = [];
  let fresh = true;
  for (const step of transcript.steps) {
    if (step.kind !== 'bytes') {
      fresh = fresh || step.kind === 'event';
      continue;
    }
    const last = turns.at(-1);
    if (last !== undefined && !fresh && last.side === step.side) last.data = Buffer.concat([last.data, step.data]);
    else turns.push({ side: step.side, data: step.data });
    fresh = false;
  }
  return turns;
}

/** Everything one side sent, as one buffer. */
export function bytesOf(transcript: Transcript, side: 'C' | 'S'): Buffer {
  return Buffer.concat(
    transcript.steps.flatMap((step) => (step.kind === 'bytes' && step.side === side ? [step.data] : [])),
  );
}

function parseLine(line: string, eol: string): Step | null {
  const side = line.startsWith('C') ? 'C' : line.startsWith('S') ? 'S' : null;
  if (side !== null && line[1] === ':')
    return { kind: 'bytes', side, data: Buffer.from(unescape(line.slice(3)) + eol) };
  if (side !== null && line[1] === '-') return { kind: 'bytes', side, data: Buffer.from(unescape(line.slice(3))) };
  if (line.startsWith('* ')) {
    const time = /^\* t=([0-9.]+) (.*)$/.exec(line);
    return time === null
      ? { kind: 'event', atMs: null, text: line.slice(2) }
      : { kind: 'event', atMs: Math.round(Number(time[1]) * 1000), text: time[2] ?? '' };
  }
  if (line.startsWith('# ')) return { kind: 'comment', text: line.slice(2) };
  return null;
}

const ESCAPES: Record<string, string> = { r: '\r', n: '\n', t: '\t', '\\': '\\' };

function unescape(text: string): string {
  return text.replace(/\\(x[0-9a-f]{2}|.)/g, (_, code: string) =>
    code.startsWith('x') && code.length === 3
      ? String.fromCharCode(parseInt(code.slice(1), 16))
      : (ESCAPES[code] ?? code),
  );
}
