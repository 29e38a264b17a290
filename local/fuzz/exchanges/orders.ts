import type { EslNodeControl } from '../../../lib/freeswitch/node-control';
import type { Reading } from '../reference/esl-reading';
import {
  asUuid,
  CORE_UUID,
  firstReply,
  lastReply,
  nodeAt,
  PAUSE_INBOUND,
  readings,
  textProblems,
  vipAt,
} from './common';
import type { Exchange, Place, Subject } from './exchange';
import { answersTo } from './options';

const FENCE_MS = 700;
const PROMOTE_MS = 700;
const SHUTDOWN_NOW = 'api fsctl shutdown now';
const GET_PROMOTED = 'api global_getvar promoted_main';
const PROMOTED = '-no';

type Orders = Pick<EslNodeControl, 'shutdownNow' | 'promote' | 'check'>;

/** The order of which most depends on its answer: `fenced` lets a second node serve the same calls. */
export function fenceRun(password: string, expected: string | null): Pick<Exchange, 'run' | 'withinMs'> {
  const run = async (subject: Subject, place: Place): Promise<string[]> => {
    const proof = await orders(subject, place, password).shutdownNow(nodeAt(place), FENCE_MS, expected);
    const problems = textProblems(proof.fenced ? proof.proof : proof.reason, password);
    if (!proof.fenced || fencingProved(await readings(place), place, expected)) return problems;
    return [...problems, `fenced without proof: ${proof.proof}`];
  };
  return { withinMs: FENCE_MS + 60, run };
}

/** Nothing listens any more, or somebody else does. */
export function fencingProved(seen: readonly Reading[], { log }: Pick<Place, 'log'>, expected: string | null): boolean {
  const told = seen.flatMap((reading) => asUuid(lastReply(reading, CORE_UUID)) ?? []);
  const [old = null] = expected === null ? told : [expected];
  if (old !== null && told.some((uuid) => uuid !== old)) return true;
  // Nothing listened at first, so whoever answers now has started since.
  if (seen[0]?.refused === true && told.length > 0) return true;
  if (seen.at(-1)?.refused !== true) return false;
  const ordered = log.connections.some(({ entries }, nth) => {
    const sent = entries.flatMap((entry) => (entry.kind === 'client' ? [entry.data.toString()] : [])).join('');
    const reading = seen[nth];
    const ended = reading?.hungUpAt !== null || reading.ending === 'shutdown' || reading.ending === 'disconnect';
    return sent.includes(SHUTDOWN_NOW) && ended;
  });
  return ordered || seen.filter(({ refused }) => refused).length >= 2;
}

/**
 * `promoted` is told by the node itself, by the profile's rescan (or its word that it was promoted before) and by 200 to
 * OPTIONS; or by the 503 of a full one, which a paused one says too, and the node's word that it is not paused.
 */
export function promoteRun(password: string): Pick<Exchange, 'run' | 'withinMs'> {
  const run = async (subject: Subject, place: Place): Promise<string[]> => {
    const vip = vipAt(place);
    const result = await orders(subject, place, password).promote(nodeAt(place), vip, PROMOTE_MS);
    if (!result.promoted) return textProblems(result.reason, password);
    const seen = await readings(place);
    const wrong = textProblems(result.proof, password);
    const any = (holds: (reading: Reading) => boolean): boolean => seen.some(holds);
    if (!any((each) => asUuid(lastReply(each, CORE_UUID)) === result.coreUuid)) wrong.push('core_uuid');
    if (!any((each) => lastReply(each, GET_PROMOTED)?.trim() === PROMOTED)) wrong.push('read-back');
    const wasPromoted = (each: Reading): boolean => firstReply(each, GET_PROMOTED)?.trim() === PROMOTED;
    for (const profile of vip.profiles) {
      const scanned = (each: Reading): boolean =>
        lastReply(each, `api sofia profile ${profile} rescan`)?.includes('+OK scan complete') === true;
      if (!any(scanned) && !any(wasPromoted)) wrong.push(`rescan of ${profile}`);
    }
    const notPaused = any((each) => lastReply(each, PAUSE_INBOUND)?.trim() === 'false');
    if (!answersTo(place).some((answer) => answer.status === 200 || (isFull(answer) && notPaused)))
      wrong.push('200 to OPTIONS, or that of a full one');
    return wrong.map((what) => `promoted, without: ${what}`);
  };
  return { withinMs: PROMOTE_MS + 1, run };
}

function isFull({ status, reason }: ReturnType<typeof answersTo>[number]): boolean {
  return status === 503 && reason.trim().toLowerCase() === 'maximum calls in progress';
}

function orders(subject: Subject, { clock, dice }: Place, password: string): Orders {
  const source = { get: async () => password, drop: () => undefined };
  return new subject.EslNodeControl({ password: source, clock, random: dice });
}
