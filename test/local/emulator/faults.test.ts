import type { AwsRequest } from '../../../local/emulator/aws-request';
import { FaultInjector } from '../../../local/emulator/faults';

const associate: AwsRequest = {
  service: 'ec2',
  action: 'AssociateAddress',
  protocol: 'ec2-query',
  accessKeyId: 'ASIA1',
  parameters: {},
};
const body = Buffer.from('Action=AssociateAddress&AllocationId=eipalloc-1');
const rule = { service: 'ec2', action: 'AssociateAddress', effect: 'throttle' } as const;

let faults: FaultInjector;
beforeEach(() => {
  faults = new FaultInjector();
});

describe('a rule picks', () => {
  test.each([
    ['its service and action', rule, 'throttle'],
    ['every action of its service', { ...rule, action: '*' }, 'throttle'],
    ['bodies that hold its text', { ...rule, bodyIncludes: 'eipalloc-1' }, 'throttle'],
    ['calls signed with its key', { ...rule, accessKeyId: 'ASIA1' }, 'throttle'],
    ['no other service', { ...rule, service: 'sns' }, null],
    ['no other action', { ...rule, action: 'DisassociateAddress' }, null],
    ['no other body', { ...rule, bodyIncludes: 'eipalloc-2' }, null],
    ['no other key', { ...rule, accessKeyId: 'test' }, null],
  ])('%s', (_, added, expected) => {
    faults.add(added);
    expect(faults.decide(associate, body)).toBe(expected);
  });
});

test('skip lets the first calls pass, times ends it', () => {
  const installed = faults.add({ ...rule, skip: 2, times: 1 });
  const decisions = Array.from({ length: 5 }, () => faults.decide(associate, body));
  expect(decisions).toEqual([null, null, 'throttle', null, null]);
  expect(installed.hits).toBe(1);
});

test('a used-up rule leaves the call to the next one, so that faults can follow each other', () => {
  faults.add({ ...rule, times: 1 });
  faults.add({ ...rule, effect: 'lost-answer' });
  expect([faults.decide(associate, body), faults.decide(associate, body)]).toEqual(['throttle', 'lost-answer']);
});

test('removed and cleared rules are gone, the log stays', () => {
  const record = { atMs: 0, fault: null, status: 200, durationMs: 1, ...associate };
  faults.record(record);
  faults.add(rule).remove();
  expect(faults.decide(associate, body)).toBeNull();
  faults.add(rule);
  faults.clear();
  expect(faults.decide(associate, body)).toBeNull();
  expect(faults.callsOf('ec2', 'AssociateAddress')).toEqual([record]);
});
