/** Way B of FACTS 7.3: no service address, each node binds its own, and the rows are rewritten before they are used. */
import { hangUp, placeCalls } from '../calls';
import { Lab } from '../lab';
import { checkSurvival, failOver, noteTimes } from './failover';
import type { Scenario } from './scenario';

export const ownAddresses: Scenario['run'] = async (ground, findings, options) => {
  const calls = options.calls ?? 20;
  const lab = await Lab.start(ground, 'own-addresses', {
    nodes: 3,
    vips: [{ id: 'main', prefers: 1 }],
    serviceAddresses: false,
  });
  try {
    await placeCalls(lab, 'main', calls);
    const times = await failOver(lab, 'main', () => lab.process('node1').kill());
    findings.equal('new holder', await lab.holderOf('main'), 'node2');
    noteTimes(findings, times);
    await checkSurvival(lab, 'main', findings, { calls, longestGapMs: 1_500 }, times.transition);
    findings.equal('calls that both parties saw end by BYE', await hangUp(lab), calls);
  } finally {
    await lab.stop();
  }
};
