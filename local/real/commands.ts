/** Programs of the system that the lab calls: `ip`, `nft`, `sysctl`. */
import { execFile, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { UnderstudyError } from '../../lib/domain/errors';

const COMMAND_TIMEOUT_MS = 10_000;

/**
 * @returns its standard output
 * @throws UnderstudyError with the program's own message
 */
export function run(command: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, [...args], { timeout: COMMAND_TIMEOUT_MS }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new UnderstudyError(`${command} ${args.join(' ')}: ${stderr.trim() || error.message}`));
    });
    // A program that does not read may end first: its own answer tells.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** Inside the network namespace. */
export const runIn = (namespace: string, command: string, args: readonly string[], input = ''): Promise<string> =>
  run('ip', ['netns', 'exec', namespace, command, ...args], input);

/** `ip` becomes the command: the process number is the command's own. */
export const spawnIn = (
  namespace: string,
  command: string,
  args: readonly string[],
  options: SpawnOptions,
): ChildProcess => spawn('ip', ['netns', 'exec', namespace, command, ...args], options);
