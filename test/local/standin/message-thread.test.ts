import { MessageThread } from '../../../local/standin/message-thread';
import { settle } from './switches';

describe('the thread that OPTIONS and REGISTER share', () => {
  it('does what comes at once when nothing waits', () => {
    const done: string[] = [];

    new MessageThread().run(() => void done.push('options'));

    expect(done).toEqual(['options']);
  });

  it('lets everything wait behind a REGISTER that waits for the database, and goes on in order', async () => {
    const done: string[] = [];
    const thread = new MessageThread();
    let thaw = (): void => undefined;
    thread.run(() => new Promise((resolve) => (thaw = resolve)));
    thread.run(() => void done.push('first'));
    thread.run(() => void done.push('second'));

    await settle();
    const frozen = [...done];
    thaw();
    await settle();
    thread.run(() => void done.push('third'));

    expect(frozen).toEqual([]);
    expect(done).toEqual(['first', 'second', 'third']);
  });

  it('is not stopped by work that fails', async () => {
    const done: string[] = [];
    const thread = new MessageThread();
    thread.run(() => Promise.reject(new Error('refused')));
    thread.run(() => void done.push('next'));

    await settle();

    expect(done).toEqual(['next']);
  });
});
