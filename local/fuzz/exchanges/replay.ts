import type { EslConnection } from '../../../lib/freeswitch/esl/connection';
import { type EslEventName, SUBSCRIBABLE_EVENTS } from '../../../lib/freeswitch/esl/events';
import type { Recording } from '../recordings';
import type { Reading } from '../reference/esl-reading';
import { readings, textProblems } from './common';
import type { Exchange, Place, Subject } from './exchange';
import { failureProblems } from './failures';

const OPEN_MS = 400;
const COMMAND_MS = 200;

/** Judges one result when all is over: the bytes are then read once. */
type Claim = (seen: Reading[]) => string[];

/** A recorded session again: what its client sent, as far as the product can say it, over one connection. */
export function replayRun(recording: Recording): Pick<Exchange, 'run' | 'withinMs'> {
  const commands = withJobIds(recording);
  const auth = commands.find((command) => command.startsWith('auth '));
  const password = auth === undefined ? 's3cret-esl' : auth.slice('auth '.length);
  const withinMs = OPEN_MS + commands.length * COMMAND_MS + 1;
  return { withinMs, run: (subject, place) => run(subject, place, password, commands) };
}

/** Where FreeSWITCH made up the id of a job, the product says the same one first. */
function withJobIds({ commands, turns }: Recording): string[] {
  return commands.map((command, at) => {
    if (!command.startsWith('bgapi ') || command.includes('\n')) return command;
    const replies = turns.filter(({ afterCommands }) => afterCommands === at + 1).map(({ data }) => data.toString());
    const jobUuid = /^Job-UUID: (.*)$/m.exec(replies.join(''))?.[1];
    return jobUuid === undefined ? command : `${command}\nJob-UUID: ${jobUuid}`;
  });
}

async function run(subject: Subject, place: Place, password: string, commands: readonly string[]): Promise<string[]> {
  const { host, eslPort: port, clock } = place;
  const startedMs = clock.monotonicMs();
  const source = { get: async () => password, drop: () => undefined };
  let connection: EslConnection;
  try {
    const leftMs = (): number => OPEN_MS - (clock.monotonicMs() - startedMs);
    connection = await subject.openForTask({ host, port, password: source }, leftMs);
  } catch (error) {
    return failureProblems(error, await readings(place), password);
  }
  const claims: Claim[] = [wasAccepted];
  for (const command of commands) {
    if (!connection.isOpen) break;
    claims.push(
      await say(command, connection, place, password).catch((error: unknown) => failed(error, place, password)),
    );
  }
  connection.close();
  const seen = await readings(place);
  return claims.flatMap((claim) => claim(seen));
}

function failed(error: unknown, { log }: Place, password: string): Claim {
  const at = log.mark();
  return (seen) => failureProblems(error, seen, password, at);
}

const wasAccepted: Claim = (seen) => (seen.some(({ accepted }) => accepted) ? [] : ['opened, and was not accepted']);

async function say(command: string, connection: EslConnection, place: Place, password: string): Promise<Claim> {
  const since = place.real ? 0 : place.log.mark();
  const [verb] = command.split(' ', 1);
  if (verb === 'api' && command.slice(4).trim() !== '') {
    const result = await connection.api(command.slice(4), COMMAND_MS);
    return (seen) => apiProblems(command, result, since, seen, textProblems(connection.quote(result), password));
  }
  const job = /^bgapi ([^\n]+)(?:\nJob-UUID: (.*))?$/.exec(command);
  if (job !== null) {
    const jobUuid = job[2] ?? place.dice.id();
    const result = await connection.bgapi(job[1] ?? '', { jobUuid, timeoutMs: COMMAND_MS });
    return (seen) => (jobResults(seen, jobUuid).includes(result) ? [] : [`job ${jobUuid} did not end so`]);
  }
  const event = /^event (json|plain) (.*)$/.exec(command);
  const names = SUBSCRIBABLE_EVENTS.filter((name) => event?.[2]?.split(' ').includes(name));
  if (event === null || names.length === 0) return () => [];
  await connection.subscribe(names, COMMAND_MS, event[1] === 'plain' ? 'plain' : 'json');
  return (seen) => subscribed(names, seen);
}

function apiProblems(command: string, result: string, since: number, seen: Reading[], texts: string[]): string[] {
  const replies = seen.flatMap((reading) => reading.replies);
  const told = replies.some((each) => each.askedAt >= since && each.command === command && each.text === result);
  return told ? texts : [...texts, `"${command}" was not answered with ${JSON.stringify(result.slice(0, 200))}`];
}

function subscribed(names: readonly EslEventName[], seen: Reading[]): string[] {
  const replies = seen.flatMap((reading) => reading.replies);
  const agreed = replies.filter(({ command, text }) => command.startsWith('event ') && text.startsWith('+OK'));
  return names
    .filter((name) => !agreed.some(({ command }) => command.split(' ').includes(name)))
    .map((name) => `subscribed to ${name} without a +OK`);
}

/** What BACKGROUND_JOB events said of one job. */
export function jobResults(seen: readonly Reading[], jobUuid: string): string[] {
  const events = seen.flatMap((reading) => reading.events);
  const ours = events.filter(({ name, values }) => name === 'BACKGROUND_JOB' && values.get('Job-UUID') === jobUuid);
  return ours.map(({ body }) => body);
}
