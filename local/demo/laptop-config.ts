/** A configuration as the laptop can have it: in its own region, without names that only an account's zones can have. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';

import { isMap, isSeq, parseDocument, visit, type Document } from 'yaml';

import { LOCAL_REGION } from '../emulator/loopback';

export interface LaptopConfig {
  /** From the project's folder: the file itself where nothing had to be changed. */
  path: string;
  /** What is different in the copy, in words. */
  changes: string[];
}

/** A file that is no configuration is left as it is: whoever loads it says what is wrong with it. */
export function laptopConfig(projectDir: string, name: string, config: string): LaptopConfig {
  const file = resolve(projectDir, config);
  const document = documentOf(file);
  if (document === null) return { path: config, changes: [] };
  const changes = changedForLaptop(document, dirname(file));
  if (changes.length === 0) return { path: config, changes };
  const copy = join(projectDir, '.understudy', name, `laptop-${basename(file)}`);
  mkdirSync(dirname(copy), { recursive: true });
  writeFileSync(copy, document.toString());
  return { path: relative(projectDir, copy), changes };
}

function documentOf(file: string): Document | null {
  try {
    const document = parseDocument(readFileSync(file, 'utf8'));
    return document.errors.length > 0 || !isSeq(document.get('clusters')) ? null : document;
  } catch {
    return null;
  }
}

/** @param folder where the file's own relative paths begin: a copy lies elsewhere */
function changedForLaptop(document: Document, folder: string): string[] {
  const changes = [...inLocalRegion(document), ...withoutPublicNames(document)];
  if (changes.length === 0) return [];
  const userFiles = ['clusters', 0, 'freeswitch', 'userFiles', 'folder'];
  const written = document.getIn(userFiles);
  if (typeof written === 'string') document.setIn(userFiles, resolve(folder, written));
  return changes;
}

/** Zones and ARNs have the region's name in them. */
function inLocalRegion(document: Document): string[] {
  const region = document.getIn(['clusters', 0, 'region']);
  if (typeof region !== 'string' || region === '' || region === LOCAL_REGION) return [];
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value === 'string') node.value = node.value.replaceAll(region, LOCAL_REGION);
    },
  });
  return [`${LOCAL_REGION} in place of ${region}`];
}

function withoutPublicNames(document: Document): string[] {
  const vips = document.getIn(['clusters', 0, 'vips']);
  if (!isSeq(vips)) return [];
  const named = vips.items.filter(isMap).filter((vip) => vip.delete('publicDns'));
  return named.length === 0 ? [] : ['no publicDns: its zone is in an account'];
}
