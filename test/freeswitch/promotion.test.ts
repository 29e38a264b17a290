/** What is read back of a promotion: a variable that was set, or cleared, and profiles that were rescanned. */
import {
  clearPromoted,
  isPromoted,
  PROMOTED_VALUE,
  promotedVariable,
  rescanAll,
  setPromoted,
  unsafeName,
  whyNotFull,
} from '../../lib/freeswitch/promotion';
import { PAUSE_INBOUND_COMMAND, STATUS_COMMAND } from '../../lib/freeswitch/esl/status';
import { scriptedEsl } from './support/scripted-esl';

const left = () => 1_000;
const SCANNED = 'Reload XML [Success]\n+OK scan complete\n';
const reading = (value: string) => scriptedEsl({ global_setvar: '+OK\n', global_getvar: `${value}\n` });

describe('the variable of a promotion', () => {
  it.each([
    [PROMOTED_VALUE, true],
    ['', false],
    ['-no-', false],
    ['-ERR no reply', false],
  ])('that reads as "%s" after it was set', async (value, isSet) => {
    expect((await setPromoted(reading(value), 'main', left)).ok).toBe(isSet);
    expect(await isPromoted(reading(value), 'main', left)).toBe(isSet);
  });

  it.each([
    ['', true],
    ['-ERR no reply', true],
    [PROMOTED_VALUE, false],
    ['-ERR not allowed', false],
  ])('that reads as "%s" after it was cleared', async (value, isCleared) => {
    expect((await clearPromoted(reading(value), 'main', left)).ok).toBe(isCleared);
  });

  it('is that of its VIP', async () => {
    const sent: string[] = [];

    await setPromoted(scriptedEsl({ global_setvar: '+OK', global_getvar: PROMOTED_VALUE }, sent), 'a-b', left);

    expect(promotedVariable('a-b')).toBe('promoted_a_b');
    expect(sent).toEqual([`global_setvar promoted_a_b=${PROMOTED_VALUE}`, 'global_getvar promoted_a_b']);
  });
});

describe('the rescan of several profiles', () => {
  const profiles = (first: string, second: string, sent: string[] = []) =>
    rescanAll(scriptedEsl({ 'sofia profile one': first, 'sofia profile two': second }, sent), ['one', 'two'], left);

  it('is done when all of them were scanned', async () => {
    expect(await profiles(SCANNED, SCANNED)).toEqual({ ok: true });
  });

  it('ends at the first that refuses, whatever the next would say', async () => {
    const sent: string[] = [];

    expect(await profiles('Invalid Profile [one]', SCANNED, sent)).toMatchObject({ ok: false });
    expect(sent).toHaveLength(1);
  });

  it('is not done when the last refuses', async () => {
    expect(await profiles(SCANNED, 'Invalid Profile [two]')).toMatchObject({ ok: false });
  });
});

describe('a node that says that it takes no more calls', () => {
  const status = (sessions: string) => scriptedEsl({ [PAUSE_INBOUND_COMMAND]: 'false', [STATUS_COMMAND]: sessions });
  const of = (sessions: unknown, limit: unknown) =>
    JSON.stringify({ status: 'success', response: { sessions: { count: { active: sessions, limit } } } });

  it('is full at its limit, and not below', async () => {
    expect(await whyNotFull(status(of(10, 10)), left)).toBeNull();
    expect(await whyNotFull(status(of(9, 10)), left)).toMatch(/not full/);
  });

  it.each([
    ['nothing of its sessions', '{}'],
    ['no number of sessions', of(undefined, 10)],
    ['no limit', of(10, undefined)],
    ['nothing that can be read', '-ERR no reply'],
  ])('is not taken for full where it tells %s', async (_words, reply) => {
    expect(await whyNotFull(status(reply), left)).toMatch(/does not tell how many sessions/);
  });
});

describe('a name that goes into a command', () => {
  it.each([
    [{ id: 'main', profiles: ['external', 'a.b_c-1'] }, null],
    [{ id: 'main vip', profiles: [] }, 'main vip'],
    [{ id: 'main', profiles: ['external', ''] }, ''],
    [{ id: 'main', profiles: ['-all'] }, '-all'],
    [{ id: 'main', profiles: ['x'.repeat(65)] }, 'x'.repeat(65)],
  ])('%j', (vip, unsafe) => {
    expect(unsafeName(vip)).toBe(unsafe);
  });
});
