/**
 * A stand-in for one FreeSWITCH as a process of its own: `node --import tsx local/standin/main.ts --name … `.
 * SIGTERM and SIGINT are a graceful stop, SIGUSR1 makes SIP deaf and SIGUSR2 lets it hear again; everything else
 * comes over IPC from the parent, and the process ends when its parent does.
 */
import { describeError } from '../../lib/domain/errors';
import { assertNever } from '../../lib/domain/model';
import { runApi } from './api';
import { parseArguments } from './arguments';
import type { ChildMessage, ControlAnswer, ControlRequest, ParentMessage } from './control';
import { realTime } from './lab-time';
import { StandInNode } from './node';

async function main(): Promise<void> {
  const options = parseArguments(process.argv.slice(2));
  const node = new StandInNode(options, realTime(options.timeScale), () => process.exit(0));
  process.on('SIGTERM', () => node.terminate());
  process.on('SIGINT', () => node.terminate());
  process.on('SIGUSR1', () => void (node.faults.sipStuck = true));
  process.on('SIGUSR2', () => void (node.faults.sipStuck = false));
  // The parent is gone: nobody could stop us any more.
  process.on('disconnect', () => process.exit(0));
  process.on('message', (message: ParentMessage) => {
    perform(node, message.request).then(
      (answer) => tell({ type: 'answer', id: message.id, answer }),
      (error: unknown) => tell({ type: 'failed', id: message.id, error: describeError(error) }),
    );
  });
  await node.boot();
  tell({ type: 'booted' });
}

async function perform(node: StandInNode, request: ControlRequest): Promise<ControlAnswer> {
  switch (request.ask) {
    case 'state':
      return { state: node.state() };
    case 'api':
      return { reply: (await runApi(node.system, request.line)) ?? '' };
    case 'faults':
      Object.assign(node.faults, request.faults);
      return { done: true };
    case 'place-calls':
      node.placeCalls(request.count, request.order);
      return { done: true };
    case 'hang-up':
      node.system.calls.endCalls(request.count);
      return { done: true };
    case 'quick-restart':
      await node.quickRestart();
      return { done: true };
    default:
      return assertNever(request);
  }
}

function tell(message: ChildMessage): void {
  process.send?.(message);
}

main().catch((error: unknown) => {
  // A parent reports it in its own words.
  if (process.send === undefined) process.stderr.write(`stand-in: ${describeError(error)}\n`);
  tell({ type: 'failed', id: null, error: describeError(error) });
  process.exitCode = 1;
  process.disconnect?.();
});
