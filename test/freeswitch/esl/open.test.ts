/** How long a task waits for a connection, and for the password that it needs for it. */
import { OutsideTimeout } from '../../../lib/domain/errors';
import { EslConnection } from '../../../lib/freeswitch/esl/connection';
import { EslFailure } from '../../../lib/freeswitch/esl/failure';
import { openForTask } from '../../../lib/freeswitch/esl/open';
import { passwordWithin, type PasswordSource } from '../../../lib/freeswitch/esl/password';
import { scriptedEsl } from '../support/scripted-esl';

const NODE = { host: '127.0.0.1', port: 8021 };
const REJECTED = new EslFailure('rejected', 'auth', 'the password was refused');

const source = (...passwords: string[]): PasswordSource => ({
  get: () => Promise.resolve(passwords[0] ?? ''),
  drop: () => void passwords.shift(),
});
const NEVER: PasswordSource = { get: () => new Promise(() => undefined), drop: () => undefined };

/** Connects by a script, one failure for each password that is refused; returns what was asked for. */
function connecting(...failures: EslFailure[]) {
  const open = jest.spyOn(EslConnection, 'open').mockImplementation(() => {
    const failure = failures.shift();
    return failure === undefined ? Promise.resolve(scriptedEsl({})) : Promise.reject(failure);
  });
  return () => open.mock.calls.map(([{ password, timeoutMs }]) => [password, timeoutMs]);
}

afterEach(() => jest.restoreAllMocks());

describe('a connection for one task', () => {
  it.each([
    ['no longer than 3 s, where the task has a minute', 60_000, 3_000],
    ['no longer than the task has', 1_000, 1_000],
  ])('is waited for %s', async (_words, leftMs, withinMs) => {
    const asked = connecting();

    await openForTask({ ...NODE, password: source('first') }, () => leftMs);

    expect(asked()).toEqual([['first', withinMs]]);
  });

  it.each([
    ['3 s again', 60_000, 50_000, 3_000],
    ['no longer than the task has left', 60_000, 700, 700],
  ])('with a second password is waited for %s', async (_words, firstMs, thenMs, withinMs) => {
    const asked = connecting(REJECTED);
    const leftMs = (): number => (asked().length === 0 ? firstMs : thenMs);

    await openForTask({ ...NODE, password: source('first', 'second') }, leftMs);

    expect(asked()).toEqual([
      ['first', 3_000],
      ['second', withinMs],
    ]);
  });

  it('is none where the password is late, and nobody is connected to', async () => {
    const asked = connecting();

    await expect(openForTask({ ...NODE, password: NEVER }, () => 1)).rejects.toBeInstanceOf(OutsideTimeout);

    expect(asked()).toEqual([]);
  });
});

describe('the password of a task', () => {
  it('that is late is one that another zone may read in time', async () => {
    const late = passwordWithin(NEVER, 1);

    await expect(late).rejects.toMatchObject({
      ...{ name: 'OutsideTimeout', unreached: true },
      message: 'the ESL password was not read in time',
    });
  });

  it('that cannot be read is what its source says of it', async () => {
    const why = new Error('no such secret');
    const none: PasswordSource = { get: () => Promise.reject(why), drop: () => undefined };

    await expect(passwordWithin(none, 60_000)).rejects.toBe(why);
  });
});
