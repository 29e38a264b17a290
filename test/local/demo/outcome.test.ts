import type { Facts, Fault } from '../../../local/demo/facts';
import { outcomeOf } from '../../../local/demo/outcome';
import { notYet, ready, until, WaitedInVain } from '../../../local/demo/until';
import { recoveredFacts, tornNothingFacts } from './facts-fixture';

const lookAt = (fault: Fault, facts: Facts) => outcomeOf(fault, () => Promise.resolve(facts))();

describe('the outcome is known', () => {
  test('of a failover when all that was expected is there, and not before the page', async () => {
    const unpaged = recoveredFacts({ notifications: [] });

    expect(await lookAt('kill', recoveredFacts())).toMatchObject({ ready: true });
    expect(await lookAt('kill', unpaged)).toMatchObject({ ready: false, state: expect.stringContaining('0 pages') });
  });

  test('of no-standby when the page has come and nothing followed for a while', async () => {
    const page = { kind: 'page' as const, subject: 'main', body: '' };
    const justNow = tornNothingFacts({ notifications: [{ ...page, receivedAtMs: Date.now() }] });
    const longAgo = tornNothingFacts({ notifications: [{ ...page, receivedAtMs: Date.now() - 60_000 }] });

    expect(await lookAt('no-standby', justNow)).toMatchObject({ ready: false });
    expect(await lookAt('no-standby', longAgo)).toMatchObject({ ready: true });
  });
});

describe('waiting', () => {
  test('ends with the value as soon as the condition holds', async () => {
    let looks = 0;
    const look = () => Promise.resolve(++looks === 3 ? ready('there') : notYet('on its way'));

    expect(await until('it is there', { timeoutMs: 5_000, everyMs: 1 }, look)).toBe('there');
  });

  test('in vain says what was waited for and what was seen last', async () => {
    const waiting = until('it is there', { timeoutMs: 5, everyMs: 1 }, () => Promise.resolve(notYet('half way')));

    await expect(waiting).rejects.toThrow(WaitedInVain);
    await expect(waiting).rejects.toThrow(/it is there.*half way/);
  });

  test('takes a look that throws for "not yet"', async () => {
    let looks = 0;
    const look = () => (++looks === 1 ? Promise.reject(new Error('no table yet')) : Promise.resolve(ready(looks)));

    expect(await until('it is there', { timeoutMs: 5_000, everyMs: 1 }, look)).toBe(2);
  });
});
