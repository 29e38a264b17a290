/** What a real FreeSWITCH answered to the questions that a probe asks of its shutdown and its pauses, as it was recorded. */
import {
  PAUSE_INBOUND_COMMAND,
  PAUSE_OUTBOUND_COMMAND,
  parseCheck,
  SHUTDOWN_PENDING_COMMAND,
} from '../../../lib/freeswitch/esl/status';
import { loadTranscript, transcriptNames, turnsOf } from '../transcripts';

/** The bodies of the replies to an api command, in the order of the recording. */
function repliesTo(name: string, command: string): string[] {
  const turns = turnsOf(loadTranscript(name));
  return turns.flatMap(({ side, data }, at) =>
    side === 'C' && data.toString() === `api ${command}\n\n`
      ? [turns[at + 1]?.data.toString().split('\n\n')[1] ?? 'no reply']
      : [],
  );
}

describe('whether calls are paused', () => {
  // `pause inbound`, then `pause`, then `resume inbound`: outgoing calls stay paused.
  it.each([
    ['esl-health-idle', PAUSE_INBOUND_COMMAND, [false]],
    ['esl-health-idle', PAUSE_OUTBOUND_COMMAND, [false]],
    ['esl-pause-resume', PAUSE_INBOUND_COMMAND, [true, true]],
    ['esl-pause-resume', PAUSE_OUTBOUND_COMMAND, [false, true]],
  ])('is told in %s, by %s', (name, command, expected) => {
    expect(repliesTo(name, command).map(parseCheck)).toEqual(expected);
  });
});

describe('whether a shutdown waits for the last call', () => {
  it.each([
    ['esl-health-idle', [false]],
    ['esl-shutdown-elegant-cancel', [true, false]],
    ['esl-shutdown-asap-cancel', [true]],
  ])('is told in %s', (name, expected) => {
    expect(repliesTo(name, SHUTDOWN_PENDING_COMMAND).map(parseCheck)).toEqual(expected);
  });

  it('was asked in no other recording', () => {
    const asked = transcriptNames('esl-').filter((name) => repliesTo(name, SHUTDOWN_PENDING_COMMAND).length > 0);

    expect(asked).toHaveLength(3);
  });

  it.each(['', '-ERR no reply\n', '-ERR fsctl Command not found!\n', 'yes', 'true false'])(
    'is not known from %j',
    (reply) => {
      expect(parseCheck(reply)).toBeNull();
    },
  );

  it.each(['true\n', ' true'])('may come with a line end or a blank: %j', (reply) => {
    expect(parseCheck(reply)).toBe(true);
  });
});
