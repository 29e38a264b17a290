/** Programs of the simulator's in processes of their own. */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { bundle } from '../bundle';

const ROOT = join(__dirname, '../..');

/** @param source its TypeScript file */
export const bundled = (source: string): Promise<string> => bundle(source, 'simulate');

/** @param program its bundle */
export function forkProgram(program: string, args: readonly string[] = []): ChildProcess {
  return fork(program, args, { cwd: ROOT, execArgv: ['--enable-source-maps'], serialization: 'advanced' });
}
