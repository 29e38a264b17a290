/** The holder's process is killed, and Understudy must notice by itself. */
import { hangUp, placeCalls } from '../calls';
import { Lab } from '../lab';
import { checkSurvival, failOver, noteTimes } from './failover';
import type { Scenario } from './scenario';

export const crash =
  (standardCalls: number, longestGapMs: number): Scenario['run'] =>
  async (ground, findings, options) => {
    const calls = options.calls ?? standardCalls;
    const shape = { nodes: 3, vips: [{ id: 'main', prefers: 1 }], serviceAddresses: true };
    const lab = await Lab.start(ground, `crash-${standardCalls}`, shape);
    try {
      await placeCalls(lab, 'main', calls);
      const times = await failOver(lab, 'main', () => lab.process('node1').kill());
      findings.equal('new holder', await lab.holderOf('main'), 'node2');
      noteTimes(findings, times);
      await checkSurvival(lab, 'main', findings, { calls, longestGapMs }, times.transition);
      const counted = await lab.untilCounted('main', times.transition.epoch);
      findings.equal('ledger: confirmed', counted.calls?.confirmed ?? -1, calls);
      findings.equal('calls that both parties saw end by BYE', await hangUp(lab), calls);
    } finally {
      await lab.stop();
    }
  };
