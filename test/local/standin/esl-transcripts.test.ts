/**
 * Every ESL recording of a real FreeSWITCH, replayed against the stand-in: the client sends the recorded bytes, the
 * stand-in must answer the recorded bytes. `normalise.ts` lists what may differ.
 */
import type { StandInOptions } from '../../../local/standin/options';
import { loadTranscript, transcriptNames, type Transcript } from '../../freeswitch/transcripts';
import { freshAddress } from '../addresses';
import { EslPlayer } from './esl-player';
import { type Stage, stageAsProcess, stageInProcess } from './stage';

/** That there is one; the stage keeps its tables in memory. */
const DATABASE = { host: '127.0.0.1', port: 5432, name: 'freeswitch', user: 'node_1', password: '' };

/** What was up on the recorded node, where it was not just started and idle. */
const LAB_STATE: Record<string, Partial<StandInOptions>> = {
  'esl-auth-ok-status-exit': { endedCalls: 2 },
  'esl-health-idle': { endedCalls: 2 },
  'esl-health-2-calls': { endedCalls: 2, calls: 2 },
  'esl-shutdown-asap-cancel': { calls: 1 },
  'esl-shutdown-elegant-cancel': { calls: 1 },
  'esl-shutdown-elegant-completes': { calls: 1 },
  'esl-shutdown-fsctl-shutdown': { calls: 1 },
  'esl-shutdown-sigterm': { calls: 1 },
  'esl-shutdown-now': { calls: 1 },
  'esl-recover': { database: DATABASE },
};

/** What only the kernel can do: these are played against a process of its own. */
const NEEDS_A_PROCESS = ['esl-sigkill', 'esl-sigstop-sigcont'];

/** Played in a way of its own below: there is no FreeSWITCH in it, or its access list differs. */
const PLAYED_BELOW = ['esl-connection-refused', 'esl-acl-rejected'];

const names = transcriptNames('esl-');
const inProcess = names.filter((name) => !NEEDS_A_PROCESS.includes(name) && !PLAYED_BELOW.includes(name));

let stage: Stage | null = null;
afterEach(async () => {
  await stage?.close();
  stage = null;
});

describe('ESL as recorded', () => {
  it.each(inProcess)('%s', async (name) => {
    const transcript = withoutDeadRows(loadTranscript(name));
    stage = await stageInProcess(bootTime(transcript), LAB_STATE[name] ?? {});

    await new EslPlayer(stage, transcript).play();
  });

  it.each(NEEDS_A_PROCESS)('%s', async (name) => {
    stage = await stageAsProcess();

    await new EslPlayer(stage, loadTranscript(name)).play();
  });

  it('esl-acl-rejected', async () => {
    stage = await stageInProcess(-1_500, {});
    stage.faults.eslRejects = true;

    await new EslPlayer(stage, loadTranscript('esl-acl-rejected')).play();
  });

  it('esl-connection-refused', async () => {
    stage = { ...(await stageInProcess(-1_500, {})), management: freshAddress() };

    await new EslPlayer(stage, loadTranscript('esl-connection-refused')).play();
  });
});

/** FreeSWITCH beats on its own schedule, so it was started a whole number of beats before the first recorded one. */
function bootTime(transcript: Transcript): number {
  let atMs = 0;
  for (const step of transcript.steps) {
    if (step.kind === 'event') atMs = step.atMs ?? atMs;
    // The SHUTDOWN event that shares a turn with a beat came 20 ms after it, by their own time stamps.
    if (step.kind === 'bytes' && /HEARTBEAT"?[<,\n]/.test(step.data.toString()) && step.side === 'S') {
      return atMs - (transcript.name === 'esl-shutdown-fsctl-shutdown' ? 20 : 0) - 2_000;
    }
  }
  return -1_500;
}

/**
 * `show channels count` reads rows of table `channels` of both nodes' common switchname, also the four of the dead
 * node's channels (FACTS 2). The stand-in keeps no such table, because nothing of the product may use `show`.
 */
function withoutDeadRows(transcript: Transcript): Transcript {
  if (transcript.name !== 'esl-recover') return transcript;
  const steps = transcript.steps.map((step) =>
    step.kind === 'bytes' && step.data.toString() === '8 total.\n'
      ? { ...step, data: Buffer.from('4 total.\n') }
      : step,
  );
  return { ...transcript, steps };
}
