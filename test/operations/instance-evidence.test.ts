import fc from 'fast-check';
import { MalformedEvent } from '../../lib/domain/errors';
import { noteInstanceState } from '../../lib/operations/instance-evidence';
import { topologyOf } from '../support/cluster';
import { MemoryStateStore } from '../../lib/simulation/memory-store';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** As in the EC2 user guide, "Create CloudWatch alarms / EventBridge rules for state changes". */
const event = {
  version: '0',
  id: '7bf73129-1428-4cd3-a780-95db273d1602',
  'detail-type': 'EC2 Instance State-change Notification',
  source: 'aws.ec2',
  account: '123456789012',
  time: '2026-11-11T21:29:54Z',
  region: 'us-east-1',
  resources: ['arn:aws:ec2:us-east-1:123456789012:instance/i-b'],
  detail: { 'instance-id': 'i-b', state: 'stopping' },
};

function store(): MemoryStateStore {
  const memory = new MemoryStateStore();
  memory.topology = topologyOf();
  return memory;
}

it('notes the state of a node', async () => {
  const memory = store();

  expect(await noteInstanceState({ store: memory, log }, event)).toBe('noted');

  const atMs = Date.UTC(2026, 10, 11, 21, 29, 54);
  expect([...memory.instances.values()]).toEqual([{ nodeId: 'fs-b', state: 'stopping', atMs }]);
});

it('leaves an instance alone that is no node', async () => {
  const memory = store();

  const result = await noteInstanceState(
    { store: memory, log },
    { ...event, detail: { 'instance-id': 'i-x', state: 'stopped' } },
  );

  expect(result).toBe('unknown-instance');
  expect(memory.instances.size).toBe(0);
});

it.each([
  null,
  'text',
  {},
  { ...event, 'detail-type': 'Scheduled Event' },
  { ...event, detail: null },
  { ...event, detail: { 'instance-id': 7, state: 'stopped' } },
  { ...event, detail: { 'instance-id': 'i-b' } },
  { ...event, time: 'yesterday' },
])('refuses %j', async (wrong) => {
  await expect(noteInstanceState({ store: store(), log }, wrong)).rejects.toThrow(MalformedEvent);
});

it('refuses everything else too, with nothing but MalformedEvent', async () => {
  await fc.assert(
    fc.asyncProperty(fc.anything(), async (anything) => {
      await expect(noteInstanceState({ store: store(), log }, anything)).rejects.toThrow(MalformedEvent);
    }),
  );
});
