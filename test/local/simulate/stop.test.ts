import { EventEmitter } from 'node:events';
import { stopOnSignal } from '../../../local/simulate/stop';

describe('Ctrl-C in a long run', () => {
  const pressed = (...signals: string[]) => {
    const terminal = new EventEmitter();
    const lines: string[] = [];
    const stop = stopOnSignal((line) => lines.push(line), terminal);
    const heard = signals.map((signal) => terminal.emit(signal));
    return { aborted: stop.aborted, heard, lines };
  };

  test('stops after what is under way, and says so', () => {
    expect(pressed('SIGINT')).toEqual({
      aborted: true,
      heard: [true],
      lines: ['stopping when the years under way are done; once more to stop at once'],
    });
    expect(pressed()).toEqual({ aborted: false, heard: [], lines: [] });
  });

  test.each(['SIGINT', 'SIGTERM'])('leaves a %s that follows to the process: it ends at once', (second) => {
    expect(pressed('SIGINT', second).heard).toEqual([true, false]);
  });
});
