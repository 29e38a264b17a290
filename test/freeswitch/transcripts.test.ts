import { bytesOf, loadTranscript, parseTranscript, transcriptNames, turnsOf } from './transcripts';

describe('the transcript loader', () => {
  it('gives back the bytes: line ends of the file, escapes, and lines without an end', () => {
    const text = ['# t', '# r', '# eol: CRLF', '* t=1.5 server sends', 'S: a\\tb', 'S- c\\x01\\\\', 'C: d'].join('\n');

    const transcript = parseTranscript('x', text);

    expect(bytesOf(transcript, 'S').toString()).toBe('a\tb\r\nc\x01\\');
    expect(bytesOf(transcript, 'C').toString()).toBe('d\r\n');
    expect(transcript.steps).toContainEqual({ kind: 'event', atMs: 1500, text: 'server sends' });
  });

  it('joins the lines of one send into a turn', () => {
    const turns = turnsOf(loadTranscript('esl-auth-ok-status-exit'));

    expect(turns.map((turn) => turn.side).join('')).toBe('SCSCSCS');
    expect(turns[1]?.data.toString()).toBe('auth s3cret-esl\n\n');
  });

  it('finds the recordings', () => {
    expect(transcriptNames('esl-').length).toBeGreaterThan(20);
    expect(transcriptNames('sip-options-').length).toBeGreaterThan(8);
  });
});
