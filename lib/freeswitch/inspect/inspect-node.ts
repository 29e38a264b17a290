import { describeError } from '../../domain/errors';
import type { NodeTopology, VipTopology } from '../../domain/model';
import { unreachedBy } from '../../domain/node-control';
import type { Inspection } from '../../domain/ports';
import { type Countdown, type NodeTaskOptions, onNode } from '../node-task';
import { isPromoted, unsafeName } from '../promotion';
import { judgeLevel, type NodeFacts, type VipFacts } from './level';
import { readLoadedConfiguration } from './loaded-xml';

export interface InspectTask extends NodeTaskOptions {
  leftMs: Countdown;
  /** Whether OPTIONS to the VIP's address on the node gets 200. Never rejects. */
  serves(vip: VipTopology): Promise<boolean>;
}

const LOCATE = 'xml_locate configuration configuration name';

/**
 * Asks a node what it is, read-only, and names the level of adoption that it reaches. Only commands that are answered
 * from memory are asked, so that a database that is away does not hold it up, and `system`, which would run a shell on
 * the node, is not among them. Never throws.
 */
export async function inspectNode(node: NodeTopology, vips: VipTopology[], task: InspectTask): Promise<Inspection> {
  const here = vips.filter((vip) => node.vipAddresses[vip.id] !== undefined);
  const unsafe = here.map(unsafeName).find((name) => name !== null);
  if (unsafe !== undefined) return unknown(node, `"${unsafe}" cannot stand in a command: rename it`);
  try {
    return judgeLevel(node, await ask(node, here, task));
  } catch (error) {
    return { ...unknown(node, describeError(error)), ...unreachedBy(error) };
  }
}

async function ask(node: NodeTopology, vips: VipTopology[], task: InspectTask): Promise<NodeFacts> {
  const { leftMs } = task;
  return onNode(task, node, leftMs, async (esl) => {
    const api = async (command: string): Promise<string> => (await esl.api(command, leftMs())).trim();
    const switchName = await api('switchname');
    const hasPostgres = (await api('module_exists mod_pgsql')) === 'true';
    const onStartup = await api('global_getvar api_on_startup');
    const switchConf = await readLoadedConfiguration(await api(`${LOCATE} switch.conf`));
    const sofiaConf = await readLoadedConfiguration(await api(`${LOCATE} sofia.conf`));
    const facts: VipFacts[] = [];
    for (const vip of vips) {
      facts.push({ vip, promoted: await isPromoted(esl, vip.id, leftMs), serves: await task.serves(vip) });
    }
    return { switchName, hasPostgres, onStartup, switchConf, sofiaConf, vips: facts };
  });
}

/** Not even level 0, or not known: what it takes to know is what is missing. */
function unknown(node: NodeTopology, reason: string): Inspection {
  return { nodeId: node.id, level: null, missing: [reason], conflicts: [] };
}
