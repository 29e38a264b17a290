/** The holder falls into standby, as a rescan without the variable does: it must be promoted again, its calls untouched. */
import { hangUp, placeCalls, survival } from '../calls';
import { Lab } from '../lab';
import { failOver, noteTimes } from './failover';
import type { Scenario } from './scenario';

export const standbyHolder: Scenario['run'] = async (ground, findings, options) => {
  const calls = options.calls ?? 5;
  const shape = { nodes: 3, vips: [{ id: 'main', prefers: 1 }], serviceAddresses: true };
  const lab = await Lab.start(ground, 'standby-holder', shape);
  try {
    await placeCalls(lab, 'main', calls);
    const times = await failOver(lab, 'main', async () => {
      // Clears the variable and rescans: what somebody at the console does who does not know better.
      const { demoted } = await demote(lab);
      findings.check('the holder was put into standby', demoted, String(demoted));
    });
    findings.equal('holder', await lab.holderOf('main'), 'node1');
    findings.equal('kind', times.transition.kind, 'reinstatement');
    noteTimes(findings, times);
    const seen = await survival(lab, 'main');
    findings.equal('calls that live', seen.alive, calls);
    findings.equal('re-INVITEs', seen.reinvites, 0);
    findings.equal('calls that both parties saw end by BYE', await hangUp(lab), calls);
  } finally {
    await lab.stop();
  }
};

async function demote(lab: Lab): Promise<{ demoted: boolean }> {
  return lab.control.nodes.demote(lab.node('node1'), lab.vip('main'), 3_000);
}
