/** The node-control functions as the failover function reaches them: the node's zone first, then the others in turn. */
import { OutsideTimeout } from '../../domain/errors';
import type { NodeTopology } from '../../domain/model';
import type { NodeControl } from '../../domain/ports';
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

/** Like lib/aws/node-control-client.ts, which asks two zones: here the third is asked, too, in what is left. */
const FIRST_SHARE = 0.5;
const INVOCATION_MS = 150;
const LEAST_WORK_MS = 100;

type Answer<T> = { kind: 'answered'; value: T } | { kind: 'failed' | 'unknown' };

export function nodeControlSeenBy(process: Process, site: NodeControlSite): NodeControl {
  /** A function that did not answer may still be at work: where that matters no other zone is asked. */
  const ask = async <T>(
    node: NodeTopology,
    timeoutMs: number,
    order: (control: NodeControl, workMs: number) => Promise<T>,
    oneAtATime = false,
  ): Promise<T> => {
    const deadlineMs = process.monotonicMs() + timeoutMs;
    const zones = [...site.zones].sort((one, other) => Number(other === node.zone) - Number(one === node.zone));
    for (const [index, zone] of zones.entries()) {
      const leftMs = deadlineMs - process.monotonicMs();
      if (leftMs <= 0) break;
      const shareMs = index < zones.length - 1 && !oneAtATime ? leftMs * FIRST_SHARE : leftMs;
      const answer = await invoke(process, site, zone, shareMs, order);
      if (answer.kind === 'answered') return answer.value;
      if (oneAtATime && answer.kind === 'unknown') break;
    }
    throw new OutsideTimeout(`no node-control function answered for ${node.id}`);
  };
  return {
    shutdownNow: (node, timeoutMs, coreUuid) => ask(node, timeoutMs, (nc, ms) => nc.shutdownNow(node, ms, coreUuid)),
    promote: (node, vip, timeoutMs) => ask(node, timeoutMs, (nc, ms) => nc.promote(node, vip, ms)),
    check: (node, vip, timeoutMs) => ask(node, timeoutMs, (nc, ms) => nc.check(node, vip, ms)),
    demote: (node, vip, timeoutMs) => ask(node, timeoutMs, (nc, ms) => nc.demote(node, vip, ms)),
    lockRole: (node, timeoutMs) => ask(node, timeoutMs, (nc, ms) => nc.lockRole(node, ms)),
    unlockRole: (node, timeoutMs) => ask(node, timeoutMs, (nc, ms) => nc.unlockRole(node, ms)),
    recover: (node, vip, order, timeoutMs) => ask(node, timeoutMs, (nc, ms) => nc.recover(node, vip, order, ms), true),
    countAlive: (node, vip, order, timeoutMs) => ask(node, timeoutMs, (nc, ms) => nc.countAlive(node, vip, order, ms)),
    previewRecovery: (node, vip, order, timeoutMs) =>
      ask(node, timeoutMs, (nc, ms) => nc.previewRecovery(node, vip, order, ms)),
    forecast: (node, vips, timeoutMs) => ask(node, timeoutMs, (nc, ms) => nc.forecast(node, vips, ms)),
    inspect: (node, vips, timeoutMs) => ask(node, timeoutMs, (nc, ms) => nc.inspect(node, vips, ms)),
  };
}

async function invoke<T>(
  caller: Process,
  { functions, weather, ordersIn }: NodeControlSite,
  zone: string,
  timeoutMs: number,
  order: (control: NodeControl, workMs: number) => Promise<T>,
): Promise<Answer<T>> {
  const workMs = Math.max(LEAST_WORK_MS, timeoutMs - INVOCATION_MS);
  const begin = (): Promise<Answer<T>> =>
    new Promise((resolve) => {
      const failed = (): void => resolve({ kind: 'failed' });
      const kind = { name: `node-control-${zone}`, zone, timeoutMs: workMs + 2_000 };
      const invocation = functions.invoke(
        kind,
        async (process) => {
          resolve({ kind: 'answered', value: await order(ordersIn(process, zone), workMs) });
        },
        failed,
      );
      // A zone in the dark takes the invocation and says nothing.
      invocation?.process.onDeath(failed);
    });
  const over = new AbortController();
  const work = weather
    .call(caller, 'lambda', 'Invoke', () => ({ answer: begin() }))
    .then(({ answer }) => caller.answerOf(answer, 5))
    .catch((): Answer<T> => ({ kind: 'failed' }));
  const late = caller.sleep(timeoutMs, over.signal).then((): Answer<T> => ({ kind: 'unknown' }));
  const answer = await Promise.race([work, late]);
  over.abort();
  return answer;
}
