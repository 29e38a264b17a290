/**
 * What an internet gateway does for Elastic IPs: a stateless 1:1 mapping of each public address to the private one that
 * it is associated with. Pure text for nft.
 */

export interface Mapping {
  publicIp: string;
  privateIp: string;
}

/** Before connection tracking, as a gateway has none. */
const RAW_PRIORITY = -300;
const LAST_PRIORITY = 300;

/** Loading it replaces the whole table in one transaction. `outside` is the interface to the world. */
export function natRules(mappings: readonly Mapping[], outside: string): string {
  const arriving = mappings.map(
    ({ publicIp, privateIp }) => `    iifname "${outside}" ip daddr ${publicIp} ip daddr set ${privateIp}`,
  );
  const leaving = mappings.map(
    ({ publicIp, privateIp }) => `    oifname "${outside}" ip saddr ${privateIp} ip saddr set ${publicIp}`,
  );
  return [
    'table ip gateway',
    'delete table ip gateway',
    'table ip gateway {',
    ...chain('arriving', 'prerouting', RAW_PRIORITY, arriving),
    ...chain('leaving', 'postrouting', LAST_PRIORITY, leaving),
    '}',
    '',
  ].join('\n');
}

const chain = (name: string, hook: string, priority: number, rules: readonly string[]): string[] => [
  `  chain ${name} {`,
  `    type filter hook ${hook} priority ${priority}; policy accept;`,
  ...rules,
  '  }',
];
