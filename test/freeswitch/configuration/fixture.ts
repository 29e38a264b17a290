import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { convert } from 'xmlbuilder2';
import type { ClusterConfig, VipConfig } from '../../../lib/config/model';
import type { RenderedFile } from '../../../lib/freeswitch/configuration';

export const vip = (id: string, change: Partial<VipConfig> = {}): VipConfig => ({
  id,
  elasticIp: { source: 'create' },
  privateDns: null,
  publicDns: null,
  profiles: [`external-${id}`],
  sipPort: 5060,
  serviceAddress: '10.255.0.10',
  group: null,
  tls: null,
  candidates: ['node-1', 'node-2', 'node-3'],
  manualOnly: [],
  ...change,
});

export type Cluster = Pick<ClusterConfig, 'nodes' | 'vips' | 'network' | 'rtp' | 'database' | 'freeswitch'>;

/** Two VIPs that three nodes may hold, with a database. The ports and codecs are those of the recorded example. */
export const cluster = (change: Partial<Cluster> = {}): Cluster => ({
  nodes: ['node-1', 'node-2', 'node-3'].map((id, index) => ({
    id,
    zone: `eu-west-1${'abc'[index] ?? ''}`,
    eslPort: 8021,
    source: 'create' as const,
    instanceType: 'c7g.large',
    imageId: 'ami-0123456789abcdef0',
    volumeGiB: 20,
  })),
  vips: [vip('a'), vip('blue-b', { serviceAddress: '10.255.0.20' })],
  network: { source: 'create', cidr: '10.99.0.0/16', nodeEgress: 'nat' },
  rtp: { fromPort: 16384, toPort: 24575 },
  database: {
    source: 'create',
    instanceClass: 'db.t4g.medium',
    storageGiB: 20,
    multiAz: true,
    backupDays: 7,
    name: 'freeswitch',
    tls: true,
  },
  freeswitch: {
    version: '1.11',
    sipDomain: 'lab.example',
    codecs: ['PCMU', 'PCMA'],
    maxSessions: 1000,
    sessionsPerSecond: 200,
    modules: [],
    userFiles: { source: 'none' },
    install: { source: 'image' },
  },
  ...change,
});

type Xml = string | Xml[] | { [name: string]: Xml };
export interface ParsedElement {
  tag: string;
  attributes: Record<string, string>;
  children: ParsedElement[];
}

/** Throws for XML that is not well-formed. Comments and texts are left out. */
export function parseXml(text: string): ParsedElement {
  const [root] = elementsOf(convert(text, { format: 'object', verbose: true }));
  if (root === undefined) throw new Error('no root element');
  return root;
}

const ENTITIES: Record<string, string> = { quot: '"', lt: '<', gt: '>', amp: '&', apos: "'" };
/** xmlbuilder2 leaves them as they stand. */
const decoded = (text: string): string =>
  text.replace(/&(\w+);/g, (whole: string, name: string) => ENTITIES[name] ?? whole);

/** xmlbuilder2's verbose form: each name holds a list of elements, attributes begin with `@`. */
function elementsOf(value: Xml): ParsedElement[] {
  if (typeof value === 'string') return [];
  if (Array.isArray(value)) return value.flatMap(elementsOf);
  return Object.entries(value).flatMap(([name, inner]) => {
    if (name === '#') return elementsOf(inner);
    if (!/^[A-Za-z]/.test(name) || !Array.isArray(inner)) return [];
    return inner.map((each) => ({ tag: name, attributes: attributesOf(each), children: elementsOf(each) }));
  });
}

const attributesOf = (value: Xml): Record<string, string> =>
  typeof value === 'string' || Array.isArray(value)
    ? {}
    : Object.fromEntries(
        Object.entries(value).flatMap(([name, text]) =>
          name.startsWith('@') && typeof text === 'string' ? [[name.slice(1), decoded(text)]] : [],
        ),
      );

export function find(element: ParsedElement, tag: string): ParsedElement[] {
  const below = element.children.flatMap((child) => find(child, tag));
  return element.tag === tag ? [element, ...below] : below;
}

/** Name -> value of every param of a file; of two with one name the last, as FreeSWITCH takes them. */
export const paramsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    find(parseXml(text), 'param').map(({ attributes }) => [attributes['name'] ?? '', attributes['value'] ?? '']),
  );

export function contentOf(files: readonly RenderedFile[], path: string): string {
  const file = files.find((each) => each.path === path);
  if (file === undefined) throw new Error(`${path} is not among ${files.map((each) => each.path).join(', ')}`);
  return file.content;
}

const SHARED = process.env['UNDERSTUDY_SHARED'] ?? join(__dirname, '..', '..', '..', '..', 'shared');
const EXAMPLE = join(SHARED, 'freeswitch', 'ha-config-example');

/** The configuration with which 200 of 200 calls survived, file by file. */
export const recordedExample = (): RenderedFile[] =>
  readdirSync(EXAMPLE, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.xml'))
    .map((path) => ({ path, content: readFileSync(join(EXAMPLE, path), 'utf8') }));
