import { MalformedEvent } from '../../lib/domain/errors';
import { parseNodeControlRequest } from '../../lib/freeswitch/node-control-request';

const node = { id: 'a', managementAddress: '127.0.0.2', eslPort: 8021, vipAddresses: { main: '127.0.0.3' } };
const vip = { id: 'main', sipPort: 5060, profiles: ['external-main'] };
const promote = { action: 'promote', node, vip, timeoutMs: 1000 };

const order = {
  transitionId: 'main#7',
  deadCoreUuids: ['8b192020-7368-4498-9b11-cbe10f48a784'],
  deadNodeIds: ['node-a'],
  maxClockBehindMs: 1500,
};
const recover = { action: 'recover', node, vip, order, timeoutMs: 1000 };

describe('the event of node-control', () => {
  it.each([
    [{ ...promote, coreUuid: null }],
    [{ ...promote, coreUuid: 'the-one-that-was-chosen' }],
    [{ ...promote, action: 'check', asksDatabase: true }],
    [{ ...promote, action: 'check', asksDatabase: false }],
    [{ ...promote, action: 'demote' }],
    [{ action: 'shutdownNow', node, timeoutMs: 1000, coreUuid: null }],
    [{ action: 'lockRole', node: { ...node, databaseRole: 'node_a' }, timeoutMs: 1000 }],
    [{ action: 'unlockRole', node, timeoutMs: 1000 }],
    [recover],
    [{ ...recover, order: { ...order, oldClockAheadMs: -1_200.5 } }],
    [{ ...recover, order: { ...order, decidedAtMs: 1_767_225_600_000 } }],
    [{ ...recover, order: { ...order, ontoCoreUuid: order.deadCoreUuids[0] } }],
    [{ ...recover, action: 'previewRecovery' }],
    [{ ...recover, action: 'countAlive', order: { ...order, deadCoreUuids: [], deadNodeIds: [] } }],
    [{ action: 'forecast', node, vips: [vip, vip], timeoutMs: 1000 }],
    [{ action: 'inspect', node, vips: [{ ...vip, serviceAddress: '10.255.0.10' }], timeoutMs: 1000 }],
  ])('%j is understood', (event) => {
    expect(parseNodeControlRequest(event)).toEqual(event);
  });

  it('an event of the previous version, without the incarnation, is understood', () => {
    expect(parseNodeControlRequest({ action: 'shutdownNow', node, timeoutMs: 5 })).toMatchObject({ coreUuid: null });
    expect(parseNodeControlRequest({ action: 'promote', node, vip, timeoutMs: 5 })).toMatchObject({ coreUuid: null });
    expect(parseNodeControlRequest({ ...promote, action: 'check' })).toMatchObject({ asksDatabase: false });
  });

  it.each([
    ['event', null],
    ['event', []],
    ['action', { ...promote, action: 'reboot' }],
    ['timeoutMs', { ...promote, timeoutMs: 0 }],
    ['timeoutMs', { ...promote, timeoutMs: Number.NaN }],
    ['timeoutMs', { ...promote, timeoutMs: '5' }],
    ['node', { ...promote, node: undefined }],
    ['node.managementAddress', { ...promote, node: { ...node, managementAddress: 'example.com' } }],
    ['node.eslPort', { ...promote, node: { ...node, eslPort: 0 } }],
    ['node.vipAddresses.main', { ...promote, node: { ...node, vipAddresses: { main: 5 } } }],
    ['vip', { ...promote, vip: undefined }],
    ['vip.sipPort', { ...promote, vip: { ...vip, sipPort: 99_999 } }],
    ['vip.profiles', { ...promote, vip: { ...vip, profiles: [] } }],
    ['vip.profiles', { ...promote, vip: { ...vip, profiles: [7] } }],
    ['node.databaseRole', { action: 'lockRole', node: { ...node, databaseRole: 5 }, timeoutMs: 5 }],
    ['vip.serviceAddress', { ...promote, vip: { ...vip, serviceAddress: 'here' } }],
    ['vips', { action: 'inspect', node, timeoutMs: 5 }],
    ['vips', { action: 'inspect', node, vips: Array.from({ length: 65 }, () => vip), timeoutMs: 5 }],
    ['vips.sipPort', { action: 'forecast', node, vips: [vip, { ...vip, sipPort: null }], timeoutMs: 5 }],
    ['order', { ...recover, order: undefined }],
    ['order.transitionId', { ...recover, order: { ...order, transitionId: "main#7'; --" } }],
    ['order.transitionId', { ...recover, order: { ...order, transitionId: 7 } }],
    ['order', { action: 'previewRecovery', node, vip, timeoutMs: 5 }],
    ['order.decidedAtMs', { ...recover, order: { ...order, decidedAtMs: '2026-01-01' } }],
    ['order.deadCoreUuids', { ...recover, order: { ...order, deadCoreUuids: order.deadCoreUuids[0] } }],
    ['order.deadCoreUuids', { ...recover, order: { ...order, deadCoreUuids: ['8b192020'] } }],
    ['order.deadCoreUuids', { ...recover, order: { ...order, deadCoreUuids: Array(65).fill(order.deadCoreUuids[0]) } }],
    ['order.deadNodeIds', { ...recover, order: { ...order, deadNodeIds: ['a b'] } }],
    ['order.maxClockBehindMs', { ...recover, order: { ...order, maxClockBehindMs: -1 } }],
    ['order.maxClockBehindMs', { ...recover, order: { ...order, maxClockBehindMs: '1' } }],
    ['order.oldClockAheadMs', { ...recover, order: { ...order, oldClockAheadMs: '-1' } }],
    ['order.ontoCoreUuid', { ...recover, order: { ...order, ontoCoreUuid: "' or true --" } }],
    ['order.ontoCoreUuid', { ...recover, order: { ...order, ontoCoreUuid: null } }],
    ['order.oldClockAheadMs', { ...recover, order: { ...order, oldClockAheadMs: Number.NaN } }],
    ['order.deadNodeIds', { ...recover, order: { ...order, deadNodeIds: undefined } }],
    ['coreUuid', { action: 'shutdownNow', node, timeoutMs: 5, coreUuid: 7 }],
    ['coreUuid', { action: 'promote', node, vip, timeoutMs: 5, coreUuid: 7 }],
  ])('a wrong %s is named', (name, event) => {
    expect(() => parseNodeControlRequest(event)).toThrow(MalformedEvent);
    expect(() => parseNodeControlRequest(event)).toThrow(`wrong ${name}:`);
  });
});
