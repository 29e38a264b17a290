/** Where figures and traces go. Folders on the way are made. */
import { closeSync, mkdirSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Before hours are spent on what is to go there.
 * @throws Error that names the first file that cannot be one
 */
export function refuseImpossible(...files: readonly (string | undefined)[]): void {
  for (const file of files) {
    if (file === undefined) continue;
    try {
      mkdirSync(dirname(file), { recursive: true });
    } catch (error) {
      throw new Error(`${file} cannot be written: ${dirname(file)} is no folder; name another file`, { cause: error });
    }
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) {
      throw new Error(`${file} is a folder; name a file in it`);
    }
  }
}

export function writeJson(file: string, value: unknown): void {
  writeText(file, `${JSON.stringify(value, null, 2)}\n`);
}

export function writeText(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Year after year, so that thousands of them need no memory. */
export class TraceFile {
  private readonly descriptor: number;

  constructor(file: string) {
    mkdirSync(dirname(file), { recursive: true });
    this.descriptor = openSync(file, 'w');
  }

  write(year: number, trace: readonly string[]): void {
    if (trace.length > 0) writeSync(this.descriptor, trace.map((line) => `${year} ${line}\n`).join(''));
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
