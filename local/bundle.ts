/** A program of ours as one file, for processes that are started often or run long. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { build } from 'esbuild';

const repositoryRoot = path.resolve(__dirname, '..');
const bundled = new Map<string, Promise<string>>();

/**
 * Made once in each process that asks. A bundle starts in about 60 ms, where loading the sources through tsx takes
 * 300 ms and more; and what tsx adds to every function that is made (its name) costs a simulation a fifth of its time.
 *
 * @param entry the program's source file
 * @param folder under `.understudy`
 * @returns the bundle's path; its stack traces name sources under `--enable-source-maps`
 */
export function bundle(entry: string, folder: string): Promise<string> {
  const made = bundled.get(entry) ?? make(entry, path.join(repositoryRoot, '.understudy', folder));
  bundled.set(entry, made);
  return made;
}

async function make(entry: string, folder: string): Promise<string> {
  await fs.promises.mkdir(folder, { recursive: true });
  const name = path.basename(entry, '.ts');
  const file = path.join(folder, `${name}.js`);
  // Renamed into place, because two processes may do this at the same time.
  const draft = path.join(folder, `${name}.${process.pid}.js`);
  await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    target: 'node20',
    outfile: draft,
    sourcemap: 'inline',
    sourcesContent: false,
    // pg asks for these only where they are installed.
    external: ['pg-native', 'pg-cloudflare'],
    logLevel: 'silent',
  });
  await fs.promises.rename(draft, file);
  return file;
}
