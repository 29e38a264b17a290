import { OneAtATime } from '../../lib/simulation/kernel/one-at-a-time';

describe('work that is begun in one instant', () => {
  const works = (said: string[], name: string) => async () => {
    said.push(`${name} begins`);
    await Promise.resolve();
    said.push(`${name} ends`);
    return name;
  };

  it('is done one after another, and each gets its own answer', async () => {
    const said: string[] = [];
    const queue = new OneAtATime();

    const answers = await Promise.all([queue.run(works(said, 'one')), queue.run(works(said, 'other'))]);

    expect(answers).toEqual(['one', 'other']);
    expect(said).toEqual(['one begins', 'one ends', 'other begins', 'other ends']);
  });

  it('goes on after what failed, which fails for whoever began it alone', async () => {
    const said: string[] = [];
    const queue = new OneAtATime();
    const failing = queue.run(() => Promise.reject(new Error('refused')));
    const next = queue.run(works(said, 'next'));

    await expect(failing).rejects.toThrow('refused');
    expect(await next).toBe('next');
  });
});
