import { FrameReader } from '../../../lib/freeswitch/esl/frames';

it('many frames of one chunk cost one move of what is left, and not one each', () => {
  const moves = jest.spyOn(Buffer.prototype, 'copyWithin');
  const reader = new FrameReader();
  const one = 'Content-Type: log/data\nContent-Length: 1\n\nx';

  const { frames } = reader.push(Buffer.from(one.repeat(1_000) + one.slice(0, 5)));
  const rest = reader.push(Buffer.from(one.slice(5) + one));

  expect([frames.length, rest.frames.length, reader.pendingBytes]).toEqual([1_000, 2, 0]);
  expect(rest.frames.map(({ bytes }) => bytes.toString())).toEqual([one, one]);
  expect(moves).toHaveBeenCalledTimes(1);
  moves.mockRestore();
});
