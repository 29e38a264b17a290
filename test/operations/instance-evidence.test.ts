import fc from 'fast-check';
import { MalformedEvent } from '../../lib/domain/errors';
import { noteInstanceState } from '../../lib/operations/instance-evidence';
import { topologyOf } from '../support/cluster';
import { MemoryStateStore } from '../../lib/simulation/memory-store';

/** A year after all that EC2 says here. */
const clock = { wallMs: () => Date.UTC(2027, 10, 11) };
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

  expect(await noteInstanceState({ store: memory, clock, log }, event)).toBe('noted');

  const atMs = Date.UTC(2026, 10, 11, 21, 29, 54);
  expect([...memory.instances.values()]).toEqual([{ nodeId: 'fs-b', state: 'stopping', atMs }]);
});

it('notes what is dated ahead as of now: it would outlast all that is said until then', async () => {
  const memory = store();

  await noteInstanceState({ store: memory, clock, log }, { ...event, time: '2099-01-01T00:00:00Z' });

  expect([...memory.instances.values()]).toMatchObject([{ nodeId: 'fs-b', atMs: clock.wallMs() }]);
});

/** As in the CloudWatch user guide, "Alarm events and EventBridge". */
const alarm = (value: string, time: string, instanceId = 'i-b', name = 'StatusCheckFailed', namespace = 'AWS/EC2') => ({
  version: '0',
  id: 'c4c1c1c9-6542-e61b-6ef0-8c4d36933a92',
  'detail-type': 'CloudWatch Alarm State Change',
  source: 'aws.cloudwatch',
  account: '123456789012',
  time,
  region: 'us-east-1',
  resources: ['arn:aws:cloudwatch:us-east-1:123456789012:alarm:status'],
  detail: {
    alarmName: 'status',
    configuration: {
      metrics: [
        {
          id: 'm1',
          metricStat: {
            metric: { namespace, name, dimensions: { InstanceId: instanceId } },
            period: 60,
            stat: 'Maximum',
          },
          returnData: true,
        },
      ],
    },
    previousState: { value: 'OK' },
    state: { value, reason: 'Threshold Crossed', timestamp: '2026-11-11T21:29:54.000+0000' },
  },
});
const statesOf = (memory: MemoryStateStore) =>
  [...memory.instances.values()].map(({ nodeId, state }) => [nodeId, state]);

it('notes status checks that fail, and takes that back when they pass', async () => {
  const memory = store();

  expect(await noteInstanceState({ store: memory, clock, log }, alarm('ALARM', '2026-11-11T21:00:00Z'))).toBe('noted');
  expect(statesOf(memory)).toEqual([['fs-b', 'impaired']]);

  await noteInstanceState({ store: memory, clock, log }, alarm('OK', '2026-11-11T21:05:00Z'));
  expect(statesOf(memory)).toEqual([['fs-b', 'running']]);
});

it('does not take a stopped instance for a running one, because its alarm is well without status checks', async () => {
  const memory = store();
  await noteInstanceState(
    { store: memory, clock, log },
    { ...event, detail: { 'instance-id': 'i-b', state: 'stopped' } },
  );

  await noteInstanceState({ store: memory, clock, log }, alarm('OK', '2026-11-11T22:00:00Z'));

  expect(statesOf(memory)).toEqual([['fs-b', 'stopped']]);
});

it('says nothing of an alarm that has no data', async () => {
  const memory = store();

  expect(
    await noteInstanceState({ store: memory, clock, log }, alarm('INSUFFICIENT_DATA', '2026-11-11T21:00:00Z')),
  ).toBe('says-nothing');
  expect(memory.instances.size).toBe(0);
});

it('leaves an instance alone that is no node', async () => {
  const memory = store();

  const result = await noteInstanceState(
    { store: memory, clock, log },
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
  alarm('ALARM', '2026-11-11T21:00:00Z', ''),
  alarm('ALARM', '2026-11-11T21:00:00Z', 'i-b', 'CPUUtilization'),
  alarm('ALARM', '2026-11-11T21:00:00Z', 'i-b', 'StatusCheckFailed', 'Mine/EC2'),
  { ...alarm('ALARM', '2026-11-11T21:00:00Z'), detail: { state: { value: 'ALARM' }, configuration: { metrics: [] } } },
  { ...alarm('ALARM', '2026-11-11T21:00:00Z'), detail: { state: { value: 'ALARM' }, configuration: {} } },
])('refuses %j', async (wrong) => {
  await expect(noteInstanceState({ store: store(), clock, log }, wrong)).rejects.toThrow(MalformedEvent);
});

it('refuses everything else too, with nothing but MalformedEvent', async () => {
  await fc.assert(
    fc.asyncProperty(fc.anything(), async (anything) => {
      await expect(noteInstanceState({ store: store(), clock, log }, anything)).rejects.toThrow(MalformedEvent);
    }),
  );
});
