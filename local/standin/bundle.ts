import * as fs from 'node:fs';
import * as path from 'node:path';
import { build } from 'esbuild';

const repositoryRoot = path.resolve(__dirname, '..', '..');
let bundled: Promise<string> | null = null;

/**
 * The stand-in's program as one file, made once in each process that asks. A bundle starts in about 60 ms; loading
 * the sources through tsx takes 300 ms and more, for each node.
 */
export function bundleStandIn(): Promise<string> {
  bundled ??= make();
  return bundled;
}

async function make(): Promise<string> {
  const folder = path.join(repositoryRoot, '.understudy', 'standin');
  await fs.promises.mkdir(folder, { recursive: true });
  const file = path.join(folder, 'main.js');
  // Renamed into place, because two test processes may do this at the same time.
  const draft = path.join(folder, `main.${process.pid}.js`);
  await build({
    entryPoints: [path.join(__dirname, 'main.ts')],
    bundle: true,
    platform: 'node',
    target: 'node20',
    outfile: draft,
    // pg asks for these only where they are installed.
    external: ['pg-native', 'pg-cloudflare'],
    logLevel: 'silent',
  });
  await fs.promises.rename(draft, file);
  return file;
}
