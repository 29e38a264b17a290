/** The database is gone at the very moment of the failover: callers are served at once, the calls when it is back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { hangUp, placeCalls } from '../calls';
import { Lab } from '../lab';
import { until } from '../wait';
import { checkSurvival, failOver, noteTimes } from './failover';
import type { Scenario } from './scenario';

const AWAY_MS = 10_000;
const SERVED_WITHIN_MS = 8_000;

export const databaseAway: Scenario['run'] = async (ground, findings, options) => {
  const calls = options.calls ?? 20;
  const shape = { nodes: 3, vips: [{ id: 'main', prefers: 1 }], serviceAddresses: true };
  const lab = await Lab.start(ground, 'database-away', shape);
  try {
    await placeCalls(lab, 'main', calls);
    const times = await failOver(lab, 'main', async () => {
      const faultAtMs = Date.now();
      await ground.postgres.stopServer();
      await lab.process('node1').kill();
      await until('new calls are served without the database', SERVED_WITHIN_MS, async () =>
        (await lab.serves('main', 'node2')) ? true : null,
      );
      findings.figure('newCallsServedMs', Date.now() - faultAtMs);
      const leftMs = faultAtMs + AWAY_MS - Date.now();
      if (leftMs > 0) await sleep(leftMs);
      await ground.postgres.startServer();
    });
    findings.equal('new holder', await lab.holderOf('main'), 'node2');
    noteTimes(findings, times);
    await checkSurvival(lab, 'main', findings, { calls, longestGapMs: null }, times.transition);
    findings.check('it serves after the recovery', await lab.serves('main', 'node2'), 'OPTIONS');
    findings.equal('calls that both parties saw end by BYE', await hangUp(lab), calls);
  } finally {
    await ground.postgres.startServer().catch(() => undefined);
    await lab.stop();
  }
};
