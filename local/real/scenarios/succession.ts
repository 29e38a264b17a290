/** Three failovers in a row with the same calls: node1, node2, node3, node1. */
import { hangUp, placeCalls, survival } from '../calls';
import { Lab } from '../lab';
import { checkSurvival, failOver, noteTimes, untilTracked } from './failover';
import type { Scenario } from './scenario';

const VIP = 'main';
const ROUTE = ['node1', 'node2', 'node3', 'node1'];

export const succession: Scenario['run'] = async (ground, findings, options) => {
  const calls = options.calls ?? 20;
  const shape = { nodes: 3, vips: [{ id: VIP, prefers: 1 }], serviceAddresses: true };
  const lab = await Lab.start(ground, 'succession', shape);
  try {
    await placeCalls(lab, VIP, calls);
    for (const [index, from] of ROUTE.slice(0, -1).entries()) {
      const to = ROUTE[index + 1] ?? '';
      const prefix = `${from} to ${to}: `;
      // The node that has only just come back would be preferred: it waits its turn.
      const other = ['node1', 'node2', 'node3'].find((node) => node !== from && node !== to) ?? '';
      await lab.store.setPaused({ kind: 'node', id: other }, true, 'it waits its turn');
      await ground.parties.ask({ do: 'mark' });
      const times = await failOver(lab, VIP, () => lab.process(from).kill());
      findings.equal(`${prefix}new holder`, await lab.holderOf(VIP), to);
      noteTimes(findings, times, prefix);
      await checkSurvival(lab, VIP, findings, { calls, longestGapMs: null }, times.transition, prefix);
      await lab.store.setPaused({ kind: 'node', id: other }, false, null);
      await lab.acknowledge(VIP);
      // Stopped, unlocked, started: Understudy brings the killed node back as a standby.
      await lab.untilFit(from);
      await untilTracked(lab, VIP, calls);
    }
    findings.equal('calls that live in the end', (await survival(lab, VIP)).alive, calls);
    findings.equal('calls that both parties saw end by BYE', await hangUp(lab), calls);
  } finally {
    await lab.stop();
  }
};
