import { MalformedEvent } from '../../lib/domain/errors';
import { parseNodeControlRequest } from '../../lib/freeswitch/node-control-request';

const node = { id: 'a', managementAddress: '127.0.0.2', eslPort: 8021, vipAddresses: { main: '127.0.0.3' } };
const vip = { id: 'main', sipPort: 5060, profiles: ['external-main'] };
const promote = { action: 'promote', node, vip, timeoutMs: 1000 };

describe('the event of node-control', () => {
  it.each([
    [promote],
    [{ ...promote, action: 'check' }],
    [{ action: 'shutdownNow', node, timeoutMs: 1000, coreUuid: null }],
  ])('%j is understood', (event) => {
    expect(parseNodeControlRequest(event)).toEqual(event);
  });

  it('an event of the previous version, without the incarnation, is understood', () => {
    expect(parseNodeControlRequest({ action: 'shutdownNow', node, timeoutMs: 5 })).toMatchObject({ coreUuid: null });
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
    ['coreUuid', { action: 'shutdownNow', node, timeoutMs: 5, coreUuid: 7 }],
  ])('a wrong %s is named', (name, event) => {
    expect(() => parseNodeControlRequest(event)).toThrow(MalformedEvent);
    expect(() => parseNodeControlRequest(event)).toThrow(`wrong ${name}:`);
  });
});
