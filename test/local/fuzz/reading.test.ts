/** The second reading of ESL bytes: whole, in whatever pieces they come. */
import type { WireEntry } from '../../../local/fuzz/network/wire-log';
import { readConnection } from '../../../local/fuzz/reference/esl-reading';

const endingOf = (...pieces: string[]): string => {
  const entries = pieces.map((piece, index): WireEntry => ({
    order: index + 2,
    kind: 'server',
    data: Buffer.from(piece),
  }));
  return readConnection({ entries: [{ order: 1, kind: 'connected' }, ...entries] }, false).ending;
};

describe('a frame of many bytes', () => {
  const head = 'Content-Type: api/response\nContent-Length: 10000\n\n';

  it('is read as soon as its last few have come', () => {
    expect(endingOf(head + '['.repeat(9_996), '[[[')).toBe('none');
    expect(endingOf(head + '['.repeat(9_996), '[[[', '[')).toBe('hard');
  });

  it('does not keep the little that comes behind it from being read', () => {
    expect(endingOf('Content-Type: auth/request\nContent-Length: 10000\n\n' + '['.repeat(9_996), '[[[[\n')).toBe(
      'hard',
    );
  });

  it('is found to be none by a few last bytes of its header', () => {
    expect(endingOf(`X-Header: ${'x'.repeat(5_000)}`)).toBe('none');
    expect(endingOf(`X-Header: ${'x'.repeat(5_000)}`, '\u0001')).toBe('hard');
  });
});
