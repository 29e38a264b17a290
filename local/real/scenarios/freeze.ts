/** The holder is frozen, replaced, and wakes up: it must find itself locked out, and harm nothing. */
import { setTimeout as sleep } from 'node:timers/promises';
import { hangUp, placeCalls, survival } from '../calls';
import { Lab } from '../lab';
import { checkSurvival, failOver, noteTimes } from './failover';
import type { Scenario } from './scenario';

const VIP = 'main';
/** EC2 needs minutes for a stop: so long the old process may live. */
const STOP_TAKES_MS = 60_000;
const AWAKE_FOR_MS = 10_000;

export const freeze: Scenario['run'] = async (ground, findings, options) => {
  const calls = options.calls ?? 20;
  const lab = await Lab.start(ground, 'freeze', {
    nodes: 3,
    vips: [{ id: VIP, prefers: 1 }],
    serviceAddresses: true,
  });
  lab.instances.stopTakesMs = STOP_TAKES_MS;
  try {
    await placeCalls(lab, VIP, calls);
    const times = await failOver(lab, VIP, () => lab.process('node1').freeze());
    findings.equal('new holder', await lab.holderOf(VIP), 'node2');
    noteTimes(findings, times);
    await checkSurvival(lab, VIP, findings, { calls, longestGapMs: null }, times.transition);
    const newUuid = (await lab.store.readCluster()).vips[0]?.holder?.coreUuid ?? null;
    const before = await lab.legsOf(VIP, newUuid);

    lab.process('node1').thaw();
    await sleep(AWAKE_FOR_MS);
    const after = await survival(lab, VIP);
    findings.equal('rows of the new holder before the thaw', before, 2 * calls);
    findings.equal('rows of the new holder after the thaw', await lab.legsOf(VIP, newUuid), before);
    findings.equal('calls that live after the thaw', after.alive, calls);
    findings.equal('database sessions of the old node', await lab.sessionsOf('node1'), 0);
    const { nodes } = await lab.store.readCluster();
    const lockedBy = nodes.find((node) => node.nodeId === 'node1')?.lockedBy ?? 'nobody';
    findings.equal('locked out by', lockedBy, times.transition.id);
    findings.equal('calls that both parties saw end by BYE', await hangUp(lab), calls);
  } finally {
    lab.process('node1').thaw();
    await lab.stop();
  }
};
