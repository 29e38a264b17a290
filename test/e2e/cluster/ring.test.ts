/** Three VIPs on two nodes and a spare: what fails touches nothing of the others, and an operator moves what is well. */
import { stopAll } from '../../../local/emulator/processes';
import { CallsStage } from '../support/calls-stage';
import { Stage } from '../support/stage';
import { ringFailovers } from './ring-failovers.scenario';
import { ringOperator } from './ring-operator.scenario';
import { ringRestart } from './ring-restart.scenario';

jest.setTimeout(150_000);

let opened: CallsStage | null = null;

const calls = (): CallsStage => {
  if (opened === null) throw new Error('the cluster was not deployed');
  return opened;
};

beforeAll(async () => {
  opened = new CallsStage(await Stage.open({ name: 'e2e-ring', config: 'test/e2e/config/three-vips.yaml' }));
}, 300_000);

afterAll(async () => {
  const left = await opened?.stage.close();
  await stopAll();
  expect(left ?? []).toEqual([]);
}, 60_000);

ringRestart(calls);
ringFailovers(calls);
ringOperator(calls);
