/** A planned move that keeps the calls: `fsctl shutdown now` on the old holder, then the same as after a crash. */
import { UnderstudyError } from '../../../lib/domain/errors';
import { requestSwitchover } from '../../../lib/operations/switchover';
import { hangUp, placeCalls } from '../calls';
import { Lab } from '../lab';
import { checkSurvival, failOver, noteTimes } from './failover';
import type { Scenario } from './scenario';

export const switchover: Scenario['run'] = async (ground, findings, options) => {
  const calls = options.calls ?? 20;
  const shape = { nodes: 3, vips: [{ id: 'main', prefers: 1 }], serviceAddresses: true };
  const lab = await Lab.start(ground, 'switchover', shape);
  try {
    await placeCalls(lab, 'main', calls);
    const forecast = await lab.control.nodes.forecast(lab.node('node1'), lab.topology.vips, 3_000);
    findings.equal('forecast: calls', forecast.vips[0]?.calls ?? -1, calls);
    findings.equal('forecast: without a row', forecast.unanswered ?? -1, 0);
    const times = await failOver(lab, 'main', async () => {
      const outcome = await requestSwitchover(
        { ...lab.control.deps, actor: 'operator/lab' },
        { vipId: 'main', toNodeId: null, drained: false, abandonCalls: false },
        null,
      );
      if (outcome.kind === 'refused') throw new UnderstudyError(outcome.reasons.join('; '));
    });
    findings.equal('new holder', await lab.holderOf('main'), 'node2');
    findings.equal('the old process ended', String(lab.process('node1').isRunning), 'false');
    noteTimes(findings, times);
    await checkSurvival(lab, 'main', findings, { calls, longestGapMs: 1_500 }, times.transition);
    findings.equal('calls that both parties saw end by BYE', await hangUp(lab), calls);
  } finally {
    await lab.stop();
  }
};
