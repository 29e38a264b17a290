/** Every SIP recording of a real FreeSWITCH, replayed against the stand-in. `normalise.ts` lists what may differ. */
import type { StandInOptions } from '../../../local/standin/options';
import { loadTranscript, transcriptNames } from '../../freeswitch/transcripts';
import { SipPlayer } from './sip-player';
import { type Stage, stageAsProcess, stageInProcess } from './stage';

interface Scene {
  options?: Partial<StandInOptions>;
  /** Orders that were given before the recording began. */
  before?: string[];
}

/** How the recorded node was set up, where it had not its default settings. */
const SCENES: Record<string, Scene> = {
  'sip-options-503-on-busy-paused': { options: { respond503OnBusy: true } },
  'sip-options-503-on-busy-max-sessions': {
    options: { respond503OnBusy: true, calls: 1 },
    before: ['fsctl max_sessions 2'],
  },
  'sip-options-max-sessions-default': { options: { calls: 1 }, before: ['fsctl max_sessions 2'] },
  'sip-options-standby': { options: { standby: 'true' } },
};

/** What only the kernel can do: played against a process of its own. */
const NEEDS_A_PROCESS = ['sip-options-frozen'];

/** What the stand-in cannot play, and why. */
const NOT_SERVED: Record<string, string> = {
  'sip-recovered-call':
    'needs requests that FreeSWITCH sends (INVITE to the callee, re-INVITE, BYE); the stand-in only answers',
};

/** FreeSWITCH had been up for long enough that its profile could be stopped. */
const BOOTED_AT_MS = -20_000;

const names = transcriptNames('sip-');
const inProcess = names.filter((name) => !NEEDS_A_PROCESS.includes(name) && !(name in NOT_SERVED));

let stage: Stage | null = null;
afterEach(async () => {
  await stage?.close();
  stage = null;
});

describe('SIP as recorded', () => {
  it.each(inProcess)('%s', async (name) => {
    const scene = SCENES[name] ?? {};
    stage = await stageInProcess(BOOTED_AT_MS, scene.options ?? {});
    for (const order of scene.before ?? []) await stage.api(order);

    await new SipPlayer(stage, loadTranscript(name)).play();
  });

  it.each(NEEDS_A_PROCESS)('%s', async (name) => {
    stage = await stageAsProcess();

    await new SipPlayer(stage, loadTranscript(name)).play();
  });

  it('leaves out exactly the recordings that it says it cannot serve', () => {
    const served = [...inProcess, ...NEEDS_A_PROCESS];

    expect(names.filter((name) => !served.includes(name))).toEqual(['sip-recovered-call']);
    expect(Object.keys(NOT_SERVED)).toEqual(['sip-recovered-call']);
  });
});
