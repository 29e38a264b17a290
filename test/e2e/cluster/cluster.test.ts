/** One cluster of three nodes, deployed once, and everything that may happen to it until it is deleted. */
import { stopAll } from '../../../local/emulator/processes';
import { THREE_NODES } from '../support/configurations';
import { Stage } from '../support/stage';
import { awsFaults } from './aws-faults.scenario';
import { demoFaults } from './demo-faults.scenario';
import { destroy } from './destroy.scenario';
import { interrupted } from './interrupted.scenario';
import { observers } from './observers.scenario';
import { permissions } from './permissions.scenario';
import { restarts } from './restarts.scenario';
import { retargeting } from './retargeting.scenario';
import { update } from './update.scenario';

jest.setTimeout(120_000);

let opened: Stage | null = null;

const stage = (): Stage => {
  if (opened === null) throw new Error('the cluster was not deployed');
  return opened;
};

beforeAll(async () => {
  opened = await Stage.open({ name: 'e2e-cluster', config: THREE_NODES });
}, 300_000);

afterAll(async () => {
  process.stdout.write(`${(opened?.measured ?? []).map((line) => `measured: ${line}\n`).join('')}`);
  const left = await opened?.close();
  await stopAll();
  expect(left ?? []).toEqual([]);
}, 60_000);

demoFaults(stage);
restarts(stage);
retargeting(stage);
awsFaults(stage);
interrupted(stage);
observers(stage);
update(stage);
destroy(stage);
permissions(stage);
