/** A crash where the policy waits for the node's own supervisor: the process comes back, and takes its own calls back. */
import { hangUp, placeCalls } from '../calls';
import { Lab } from '../lab';
import { checkSurvival, failOver, noteTimes } from './failover';
import type { Scenario } from './scenario';

export const restartInPlace: Scenario['run'] = async (ground, findings, options) => {
  const calls = options.calls ?? 20;
  const lab = await Lab.start(ground, 'restart-in-place', {
    nodes: 3,
    vips: [{ id: 'main', prefers: 1 }],
    serviceAddresses: true,
    policy: { crashAction: 'restart-in-place', restartGraceMs: 15_000 },
  });
  try {
    await placeCalls(lab, 'main', calls);
    const times = await failOver(lab, 'main', async () => {
      await lab.process('node1').kill();
      // As the service unit does.
      lab.process('node1').start();
    });
    findings.equal('holder', await lab.holderOf('main'), 'node1');
    findings.equal('kind', times.transition.kind, 'reinstatement');
    noteTimes(findings, times);
    await checkSurvival(lab, 'main', findings, { calls, longestGapMs: null }, times.transition);
    findings.equal('calls that both parties saw end by BYE', await hangUp(lab), calls);
  } finally {
    await lab.stop();
  }
};
