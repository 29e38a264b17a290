/** A page whose outcome was read back some time before it can be sent. */
import { OutsideTimeout } from '../../lib/domain/errors';
import { decided, type Stage } from '../support/converge-stage';

/** Done, and its page could not be sent; `send` lets SNS answer again, so much later. */
async function unsent(): Promise<Stage & { send(afterMs: number): Promise<string[]> }> {
  let away = true;
  const stage = await decided('conclusive-death', {
    before: (call) => {
      if (away && call === 'sns.page') throw new OutsideTimeout('sns: no answer');
    },
  });
  await stage.converge();
  expect(stage.journal()).toMatchObject({ status: 'done', steps: { notify: { status: 'pending' } } });
  return {
    ...stage,
    send: async (afterMs) => {
      away = false;
      await stage.clock.advance(afterMs);
      await stage.converge(2);
      return stage.world.pages.map(({ subject }) => subject.replace(/^.*, /, ''));
    },
  };
}

describe('a page that comes late', () => {
  it('says that callers are served when the new holder still has the address, and answers', async () => {
    const stage = await unsent();
    expect(await stage.send(60_000)).toEqual(['served: YES']);
  });

  it.each<[string, (stage: Stage) => unknown]>([
    ['the new holder has gone since', ({ world }) => world.switches.set('fs-b', null)],
    [
      'somebody moved the address since',
      ({ world }) => (world.association = { ...world.association!, privateAddress: '10.9.9.9' }),
    ],
    ['the address is free', ({ world }) => (world.association = null)],
  ])('does not say so when %s', async (_words, befalls) => {
    const stage = await unsent();
    befalls(stage);
    expect(await stage.send(60_000)).toEqual(['served: NOT KNOWN YET']);
  });

  it('asks nobody what was read back a moment ago', async () => {
    const stage = await decided();
    await stage.converge();
    const { calls } = stage.world;

    const verified = calls.lastIndexOf('eip.tag');
    const asked = calls.slice(verified, calls.indexOf('sns.page')).filter((call) => call === 'eip.read');
    expect([verified >= 0, asked]).toEqual([true, []]);
  });
});
