/** A shutdown that waits for the last call, and one that does not, as the stand-in answers for them: FACTS 4. */
import { stageInProcess, type Stage } from './stage';

let stage: Stage;
beforeEach(async () => {
  stage = await stageInProcess(-1_500, { calls: 1 });
});
afterEach(() => stage.close());

const checks = async (): Promise<string[]> =>
  Promise.all(['shutdown_check', 'pause_check', 'ready_check'].map((check) => stage.api(`fsctl ${check}`)));

describe('the checks of a stand-in', () => {
  it.each([
    ['elegant', ['true', 'false', 'true']],
    ['asap', ['true', 'true', 'false']],
  ])('while `fsctl shutdown %s` waits for a call, and once that is cancelled', async (mode, expected) => {
    const ordered = stage.api(`fsctl shutdown ${mode}`);

    const waiting = await checks();
    await stage.api('fsctl shutdown cancel');
    await stage.advanceTo(1_000);

    expect(waiting).toEqual(expected);
    expect(await ordered).toBe('+OK\n');
    expect(await checks()).toEqual(['false', 'false', 'true']);
  });

  it('`fsctl resume` lets calls in again after `asap`, and the shutdown waits as before', async () => {
    void stage.api('fsctl shutdown asap');

    await stage.api('fsctl resume');

    expect(await checks()).toEqual(['true', 'false', 'true']);
  });

  it('a shutdown that waits for no call is not told of', async () => {
    await stage.api('fsctl shutdown');

    expect(await stage.api('fsctl shutdown_check')).toBe('false');
  });
});
