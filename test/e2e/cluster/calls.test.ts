/** The first example with a real PostgreSQL: what becomes of established calls, whatever happens to whom. */
import { stopAll } from '../../../local/emulator/processes';
import { CallsStage } from '../support/calls-stage';
import { Stage } from '../support/stage';
import { callsOnBadDays } from './calls-bad-days.scenario';
import { callsInPlace } from './calls-in-place.scenario';
import { callsInterrupted } from './calls-interrupted.scenario';
import { callsSurvive } from './calls-survive.scenario';

jest.setTimeout(150_000);

let opened: CallsStage | null = null;

const calls = (): CallsStage => {
  if (opened === null) throw new Error('the cluster was not deployed');
  return opened;
};

beforeAll(async () => {
  // Without threads for REGISTER, as FreeSWITCH is out of the box: what a frozen database does to SIP can be seen only
  // so (FACTS 8.6). Heartbeats carry the node's clock; ten times as many spare a test the waiting.
  const standIns = { regThreads: false, heartbeatMs: 2_000 };
  const stage = await Stage.open({ name: 'e2e-calls', config: 'examples/primary-standby.yaml', standIns });
  opened = new CallsStage(stage);
}, 300_000);

afterAll(async () => {
  const left = await opened?.stage.close();
  await stopAll();
  expect(left ?? []).toEqual([]);
}, 60_000);

callsSurvive(calls);
callsInPlace(calls);
callsOnBadDays(calls);
callsInterrupted(calls);
