/** Two VIPs on two nodes and one spare: what happens to one must not be felt by the other. */
import { hangUp, placeCalls, survival } from '../calls';
import { Lab } from '../lab';
import { checkSurvival, failOver, noteTimes } from './failover';
import type { Scenario } from './scenario';

/** A voice that was never interrupted; on a busy machine packets are late all the same. */
const UNDISTURBED_MS = 500;

export const twoVips: Scenario['run'] = async (ground, findings, options) => {
  const calls = options.calls ?? 10;
  const lab = await Lab.start(ground, 'two-vips', {
    nodes: 3,
    vips: [
      { id: 'blue', prefers: 1 },
      { id: 'green', prefers: 3 },
    ],
    serviceAddresses: true,
  });
  try {
    findings.equal('holders', `${await lab.holderOf('blue')} ${await lab.holderOf('green')}`, 'node1 node3');
    await placeCalls(lab, 'blue', calls);
    await placeCalls(lab, 'green', calls);
    const rowsOf = async (): Promise<string> =>
      JSON.stringify((await lab.rows()).filter((row) => row.profile === 'external-green'));
    const before = await rowsOf();
    const times = await failOver(lab, 'blue', () => lab.process('node1').kill());
    findings.equal('new holder of blue', await lab.holderOf('blue'), 'node2');
    noteTimes(findings, times);
    await checkSurvival(lab, 'blue', findings, { calls, longestGapMs: null }, times.transition, 'blue: ');

    const other = await survival(lab, 'green');
    findings.equal('rows of green', await rowsOf(), before);
    findings.equal('holder of green', await lab.holderOf('green'), 'node3');
    findings.equal('calls of green that live', other.alive, calls);
    findings.equal('re-INVITEs in calls of green', other.reinvites, 0);
    findings.check('green was not interrupted', other.longestGapMs < UNDISTURBED_MS, other.longestGapMs);
    findings.equal('calls that both parties saw end by BYE', await hangUp(lab), 2 * calls);
  } finally {
    await lab.stop();
  }
};
