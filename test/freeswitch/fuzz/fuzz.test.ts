import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '..', '..', '..');
const MINUTE_MS = 60_000;
/** 34 MB of product and recordings, and what a peer may make it hold: far below what a hostile peer sends. */
const MAX_RSS_MB = 512;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As a process of its own: what escapes from the product is caught there, and its memory is its own. */
function fuzz(seed: number, exchanges: number): { code: number | null; output: string; summary: unknown } {
  const json = join(folder, `${seed}.json`);
  const program = ['--import', 'tsx', join(root, 'local/fuzz/fuzz.ts'), '--failures', folder];
  const options = ['--exchanges', String(exchanges), '--seed', String(seed), '--json', json];
  const { status, stderr } = spawnSync(process.execPath, [...program, ...options], {
    cwd: root,
    encoding: 'utf8',
    timeout: 4 * MINUTE_MS,
  });
  return { code: status, output: stderr, summary: JSON.parse(readFileSync(json, 'utf8')) };
}

describe('hostile and broken peers', () => {
  it.each([
    ['the seed of every run', 20_261_123, 20_000],
    ['a seed of this run alone', randomInt(2 ** 31), 5_000],
  ])(
    'get no verdict that their bytes do not justify: %s (%i), %i exchanges',
    (_, seed, exchanges) => {
      const { code, output, summary } = fuzz(seed, exchanges);

      // The output first: it names the failing exchanges.
      expect(output.split('\n').filter((line) => /^fuzz: exchange/.test(line))).toEqual([]);
      expect(summary).toEqual({ exchanges, failures: 0, seed, peakRssMb: expect.any(Number) });
      expect((summary as { peakRssMb: number }).peakRssMb).toBeLessThan(MAX_RSS_MB);
      expect(code).toBe(0);
    },
    4 * MINUTE_MS,
  );
});
