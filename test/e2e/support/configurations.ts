/** Variants of a configuration, written beside the logs of a run. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { parseDocument, type Document } from 'yaml';

import { PROJECT } from './project';

export const THREE_NODES = 'test/e2e/support/three-nodes.yaml';

/** @returns the path of the changed copy, from the project's folder */
export function variantOf(config: string, name: string, change: (document: Document) => void): string {
  const document = parseDocument(readFileSync(join(PROJECT, config), 'utf8'));
  change(document);
  const folder = join(PROJECT, '.understudy', 'e2e-configurations');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, document.toString());
  return relative(PROJECT, file);
}
