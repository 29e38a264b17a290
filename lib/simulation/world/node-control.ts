/** The node-control functions as the failover function reaches them, in the turns that ship. */
import { OutsideRefused, OutsideTimeout } from '../../domain/errors';
import type { NodeTopology } from '../../domain/model';
import { FROM_OUTSIDE, IN_TURNS, Inquiry, oneAtATime, ShutWays, workMsOf } from '../../domain/node-control-turns';
import type { NodeControl, NodeControlAnswer } from '../../domain/ports';
import type { Process } from '../kernel/process';
import type { Functions } from './functions';
import type { Weather } from './weather';

export interface NodeControlSite {
  functions: Functions;
  weather: Weather;
  zones: readonly string[];
  /** What a function in that zone can do; shipped code over simulated nodes. */
  ordersIn: (process: Process, zone: string) => NodeControl;
}

/** A function that ended without an answer: nothing is at work any more. */
class FunctionEnded extends Error {}

const ONE_AT_A_TIME = oneAtATime((failure) => failure instanceof FunctionEnded || failure instanceof OutsideRefused);

export function nodeControlSeenBy(process: Process, site: NodeControlSite): NodeControl {
  const ways = new ShutWays();
  const ask = async <T extends NodeControlAnswer>(
    node: NodeTopology,
    timeoutMs: number,
    order: (control: NodeControl, workMs: number) => Promise<T>,
    turns = IN_TURNS,
  ): Promise<T> => {
    const asked = { action: 'be asked about', node, timeoutMs };
    const inquiry = new Inquiry<T>(asked, site.zones, turns, ways, process.monotonicMs());
    for (let turn = inquiry.next(process.monotonicMs()); turn !== null; turn = inquiry.next(process.monotonicMs())) {
      const { zone, shareMs } = turn;
      try {
        inquiry.answered(zone, await invoke(process, site, zone, shareMs, order), process.monotonicMs());
      } catch (error) {
        inquiry.failed(zone, error, process.monotonicMs());
      }
    }
    return inquiry.outcome();
  };
  return {
    shutdownNow: (node, timeoutMs, coreUuid) => ask(node, timeoutMs, (nc, ms) => nc.shutdownNow(node, ms, coreUuid)),
    promote: (node, vip, timeoutMs, uuid) => ask(node, timeoutMs, (nc, ms) => nc.promote(node, vip, ms, uuid)),
    check: (node, vip, timeoutMs, asksDatabase, from) => {
      const turns = from === 'outside' ? FROM_OUTSIDE : IN_TURNS;
      return ask(node, timeoutMs, (nc, ms) => nc.check(node, vip, ms, asksDatabase), turns);
    },
    demote: (node, vip, timeoutMs) => ask(node, timeoutMs, (nc, ms) => nc.demote(node, vip, ms)),
    lockRole: (node, timeoutMs) => ask(node, timeoutMs, (nc, ms) => nc.lockRole(node, ms)),
    unlockRole: (node, timeoutMs) => ask(node, timeoutMs, (nc, ms) => nc.unlockRole(node, ms)),
    recover: (node, vip, order, timeoutMs) =>
      ask(node, timeoutMs, (nc, ms) => nc.recover(node, vip, order, ms), ONE_AT_A_TIME),
    countAlive: (node, vip, order, timeoutMs) => ask(node, timeoutMs, (nc, ms) => nc.countAlive(node, vip, order, ms)),
    previewRecovery: (node, vip, order, timeoutMs) =>
      ask(node, timeoutMs, (nc, ms) => nc.previewRecovery(node, vip, order, ms)),
    forecast: (node, vips, timeoutMs) => ask(node, timeoutMs, (nc, ms) => nc.forecast(node, vips, ms)),
    inspect: (node, vips, timeoutMs) => ask(node, timeoutMs, (nc, ms) => nc.inspect(node, vips, ms)),
  };
}

/** @throws FunctionEnded, OutsideRefused: nothing is at work; OutsideTimeout: it may be */
async function invoke<T>(
  caller: Process,
  { functions, weather, ordersIn }: NodeControlSite,
  zone: string,
  timeoutMs: number,
  order: (control: NodeControl, workMs: number) => Promise<T>,
): Promise<T> {
  const workMs = workMsOf(timeoutMs);
  const begin = (): Promise<{ value: T } | null> =>
    new Promise((resolve) => {
      const ended = (): void => resolve(null);
      const kind = { name: `node-control-${zone}`, zone, timeoutMs: workMs + 2_000 };
      const invocation = functions.invoke(
        kind,
        async (process) => {
          resolve({ value: await order(ordersIn(process, zone), workMs) });
        },
        ended,
      );
      // A zone in the dark takes the invocation and says nothing.
      invocation?.process.onDeath(ended);
    });
  const over = new AbortController();
  const work = weather
    .call(caller, 'lambda', 'Invoke', () => ({ answer: begin() }))
    .then(({ answer }) => caller.answerOf(answer, 5));
  const late = caller.sleep(timeoutMs, over.signal).then(() => {
    throw new OutsideTimeout(`the function in ${zone} said nothing`);
  });
  const answer = await Promise.race([work, late]).finally(() => over.abort());
  if (answer === null) throw new FunctionEnded(`the function in ${zone} ended`);
  return answer.value;
}
