/** Where figures and traces go. Folders on the way are made. */
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

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
