import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** One ESL session, or one SIP file, of the recordings of a real FreeSWITCH. */
export interface Recording {
  name: string;
  /** What the server sent, and after how many of the client's commands. */
  turns: { afterCommands: number; data: Buffer }[];
  commands: string[];
}

export interface Recordings {
  esl: Recording[];
  /** Answers to OPTIONS, as they came. */
  optionsAnswers: Buffer[];
  /** What was answered to a command, for example to `api status`. */
  repliesTo: ReadonlyMap<string, Buffer[]>;
}

const GREETING = 'Content-Type: auth/request';
const ESCAPES: Record<string, string> = { r: '\r', n: '\n', t: '\t', '\\': '\\' };

/** @throws Error with the remedy when the folder is not there */
export function loadRecordings(): Recordings {
  const shared = process.env['UNDERSTUDY_SHARED'] ?? resolve(__dirname, '..', '..', '..', 'shared');
  const folder = join(shared, 'freeswitch', 'transcripts');
  if (!existsSync(folder)) {
    throw new Error(`no recordings at ${folder}: set UNDERSTUDY_SHARED to the folder with freeswitch/transcripts`);
  }
  const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  const files = names.sort().map((name) => ({ name, lines: readFileSync(join(folder, name), 'utf8').split('\n') }));
  const sessions = (prefix: string, starts: string): Recording[] =>
    files.filter(({ name }) => name.startsWith(prefix)).flatMap(({ name, lines }) => read(name, lines, starts));
  const esl = sessions('esl-', GREETING).filter(({ turns }) => turns.length > 0);
  return {
    esl,
    optionsAnswers: sessions('sip-options-', '').flatMap(({ turns }) => optionsAnswers(turns)),
    repliesTo: repliesTo(esl),
  };
}

function read(name: string, lines: string[], sessionStarts: string): Recording[] {
  const eol = lines.some((line) => line === '# eol: CRLF') ? '\r\n' : '\n';
  const sessions: Recording[] = [];
  let current: Recording = { name, turns: [], commands: [] };
  let typed = '';
  let fresh = true;
  for (const line of lines) {
    const bytes = /^[CS][:-] ?/.test(line) ? unescape(line.slice(3)) + (line[1] === ':' ? eol : '') : null;
    if (bytes === null) {
      fresh = true;
    } else if (line.startsWith('C')) {
      typed += bytes.replaceAll('\r\n', '\n');
      const blocks = typed.split('\n\n');
      typed = blocks.pop() ?? '';
      current.commands.push(...blocks);
    } else {
      if (sessionStarts !== '' && bytes.startsWith(sessionStarts) && current.turns.length > 0) {
        sessions.push(current);
        current = { name, turns: [], commands: [] };
      }
      const last = fresh ? undefined : current.turns.at(-1);
      if (last !== undefined) last.data = Buffer.concat([last.data, Buffer.from(bytes)]);
      else current.turns.push({ afterCommands: current.commands.length, data: Buffer.from(bytes) });
      fresh = false;
    }
  }
  return [...sessions, current];
}

function optionsAnswers(turns: Recording['turns']): Buffer[] {
  return turns.map(({ data }) => data).filter((data) => /^SIP\/2\.0 .*^CSeq: \d+ OPTIONS/ms.test(data.toString()));
}

/** Where one command was followed by one turn, that turn is its reply. */
function repliesTo(sessions: Recording[]): Map<string, Buffer[]> {
  const replies = new Map<string, Buffer[]>();
  for (const { turns, commands } of sessions) {
    turns.forEach(({ afterCommands, data }, at) => {
      const only = turns[at - 1]?.afterCommands === afterCommands - 1 && turns[at + 1]?.afterCommands !== afterCommands;
      const command = commands[afterCommands - 1];
      if (only && command !== undefined) replies.set(command, [...(replies.get(command) ?? []), data]);
    });
  }
  return replies;
}

function unescape(text: string): string {
  return text.replace(/\\(x[0-9a-f]{2}|.)/g, (_, code: string) =>
    code.length === 3 ? String.fromCharCode(parseInt(code.slice(1), 16)) : (ESCAPES[code] ?? code),
  );
}
