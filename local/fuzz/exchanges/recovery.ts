import type { Reading } from '../reference/esl-reading';
import {
  CORE_UUID,
  asUuid,
  lastReply,
  nodeAt,
  PAUSE_INBOUND,
  PAUSE_OUTBOUND,
  readings,
  readStatus,
  STATUS,
  textProblems,
  vipAt,
} from './common';
import type { Exchange, Place, Subject } from './exchange';
import { failureProblems } from './failures';
import { jobResults } from './replay';

const TASK_MS = 1_500;

/** What a standby is asked before calls are recovered on it. */
export function stateRun(password: string): Pick<Exchange, 'run' | 'withinMs'> {
  return { withinMs: TASK_MS + 1, run: (subject, place) => runState(subject, place, password) };
}

async function runState(subject: Subject, place: Place, password: string): Promise<string[]> {
  try {
    const state = await switchOf(subject, place, password).state(nodeAt(place), TASK_MS);
    const seen = await readings(place);
    const said = (command: string): string[] => seen.flatMap((each) => lastReply(each, command)?.trim() ?? []);
    const wrong: string[] = [];
    if (!said(CORE_UUID).some((text) => asUuid(text) === state.coreUuid)) wrong.push(`core_uuid ${state.coreUuid}`);
    if (!said(PAUSE_INBOUND).includes(String(state.paused.inbound))) wrong.push(`paused ${state.paused.inbound}`);
    if (!said(PAUSE_OUTBOUND).includes(String(state.paused.outbound))) wrong.push(`paused ${state.paused.outbound}`);
    const counts = said(STATUS).map((text) => readStatus(text)?.sessions ?? null);
    if (state.sessions !== null && !counts.includes(state.sessions)) wrong.push(`${state.sessions} sessions`);
    const timed = said('api strmicroepoch').some((text) => /^\d{15,16}$/.test(text));
    if (state.clockOffsetMs !== null && !timed) wrong.push(`clock offset ${state.clockOffsetMs}`);
    return wrong.map((what) => `state: ${what} was not told`);
  } catch (error) {
    return failureProblems(error, await readings(place), password);
  }
}

/** The jobs of a recovery: a result may come from our own job's event alone. */
export function recoverRun(password: string): Pick<Exchange, 'run' | 'withinMs'> {
  return { withinMs: TASK_MS + 1, run: (subject, place) => runRecover(subject, place, password) };
}

async function runRecover(subject: Subject, place: Place, password: string): Promise<string[]> {
  const vip = vipAt(place);
  try {
    const { replies } = await switchOf(subject, place, password).recoverProfiles(nodeAt(place), vip, TASK_MS);
    const seen = await readings(place);
    const problems = replies.flatMap((reply) => textProblems(reply, password));
    for (const profile of vip.profiles) {
      if (!runs(profile, seen)) problems.push(`recovered ${profile}, which does not run there`);
      const reply = replies.find((each) => each.startsWith(`${profile}: `));
      const results = jobsOf(profile, place).flatMap((jobUuid) => jobResults(seen, jobUuid));
      if (reply === undefined) problems.push(`no reply for ${profile}`);
      else if (results.length === 0) problems.push(`"${reply}", and no job of ours ended`);
      else if (!results.some((text) => tells(reply, profile, text)))
        problems.push(`"${reply}" is not the result of our job`);
    }
    return problems;
  } catch (error) {
    return failureProblems(error, await readings(place), password);
  }
}

/** By its first printable words: what is quoted is cut and cleaned. A result without any is told by none. */
function tells(reply: string, profile: string, result: string): boolean {
  const words = result
    .replace(/^[^\x21-\x7e]+/, '')
    .slice(0, 20)
    .replace(/[^\x20-\x7e].*$/s, '');
  return words === '' ? reply.trim() === `${profile}:` : reply.includes(words.trim());
}

function runs(profile: string, seen: readonly Reading[]): boolean {
  const row = new RegExp(`^\\s*${profile}\\s*\\t\\s*profile\\s*\\t[^\\t]*\\t\\s*RUNNING`, 'm');
  return seen.some((reading) => row.test(lastReply(reading, 'api sofia status') ?? ''));
}

function jobsOf(profile: string, { log }: Place): string[] {
  return log.connections.flatMap(({ entries }) => {
    const sent = Buffer.concat(entries.flatMap((entry) => (entry.kind === 'client' ? [entry.data] : []))).toString();
    const pattern = new RegExp(`^bgapi fsctl recover sofia:${profile}\\nJob-UUID: (.*)$`, 'gm');
    return [...sent.matchAll(pattern)].map((match) => match[1] ?? '');
  });
}

function switchOf(subject: Subject, { clock, dice }: Place, password: string): InstanceType<Subject['EslCallSwitch']> {
  const source = { get: async () => password, drop: () => undefined };
  return new subject.EslCallSwitch({ password: source, clock, random: dice });
}
