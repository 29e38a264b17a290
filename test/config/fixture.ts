import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../../lib/config/format';
import { parseConfig, type LoadedConfig } from '../../lib/config/load';
import type { Overrides } from '../../lib/config/overrides';
import { ConfigurationError } from '../../lib/domain/errors';

export const ROOT = join(__dirname, '..', '..');
export const EXAMPLES = ['primary-standby.yaml', 'adopt.yaml', 'active-cluster.yaml'];

export const example = (name: string): string => readFileSync(join(ROOT, 'examples', name), 'utf8');

/** A small file without mistakes. Tests change one thing in it. */
export const BASE = `clusters:
  - id: pbx
    region: us-east-1
    network:
      nodeEgress: nat
      create:
        cidr: 10.80.0.0/16
    observers: [us-east-1a, us-east-1b, us-east-1c]
    nodes:
      - id: alice
        zone: us-east-1a
        create:
          instanceType: c7g.large
          image: ami-0123456789abcdef0
      - id: bob
        zone: us-east-1b
        create:
          instanceType: c7g.large
          image: ami-0123456789abcdef0
    vips:
      - id: main
        elasticIp: create
        privateDns:
          zone: pbx.internal
          name: sip.pbx.internal
        profiles: [external]
        candidates: [alice, bob]
    callers:
      sip:
        - description: carrier
          from: [203.0.113.0/24]
      rtp:
        - description: media
          from: [203.0.113.0/24]
    paging:
      emails: [oncall@example.com]
`;

/** BASE with a second cluster that shares nothing with the first. */
export const TWO_CLUSTERS =
  BASE +
  BASE.replace('clusters:\n', '')
    .replace('id: pbx', 'id: lab')
    .replace('10.80.0.0/16', '10.81.0.0/16')
    .replaceAll('pbx.internal', 'lab.internal');

/** Replaces text that must stand there exactly once, so that a test cannot lose its point when the base changes. */
export function replaceOnce(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2) throw new Error(`${JSON.stringify(from)} does not stand in the text exactly once`);
  return text.replace(from, () => to);
}

/** A line that ends in this is where a problem is expected. It is a comment, so it changes nothing. */
export const HERE = ' #here';

export const linesMarked = (text: string): number[] =>
  text.split('\n').flatMap((line, index) => (line.endsWith(HERE) ? [index + 1] : []));

export function problemsOf(text: string, overrides?: Overrides): readonly Problem[] {
  try {
    parseConfig(text, 'understudy.yaml', overrides);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

export const load = (text: string, overrides?: Overrides): LoadedConfig =>
  parseConfig(text, 'understudy.yaml', overrides);
