/**
 * The stateless 1:1 mapping between each VIP's service address, which is the same on every node, and the private
 * address that the VIP has on this node (FACTS 7.3, way A). Pure.
 */

export interface MappedVip {
  id: string;
  serviceAddress: string;
}

/** @returns name of the nft variable that holds a VIP's private address; `addresses` on the node defines it */
export const privateVariable = (vipId: string): string => `private_${vipId.replaceAll('-', '_')}`;

/**
 * The rules of `nft --define interface=… --define private_<vip>=… --file addresses.nft`.
 *
 * - Priority -300 (raw) comes before connection tracking, which would fill its table with media; `notrack` keeps it
 *   out where another rule set of the host has it on.
 * - Only what arrives on the primary interface for a VIP's own private address is changed. The primary address is in
 *   no rule: ESL, the database, DNS, time and the metadata service use it undisturbed.
 * - Loading replaces the table in one transaction: there is no moment without a mapping.
 *
 * @throws Error when two VIPs have the same service address: the way back could not tell them apart
 */
export function addressRules(vips: readonly MappedVip[]): string {
  const addresses = vips.map((vip) => vip.serviceAddress);
  if (new Set(addresses).size < addresses.length) {
    throw new Error(`two VIPs have the same service address among ${addresses.join(', ')}: give each its own`);
  }
  const arriving = vips.map(
    ({ id, serviceAddress }) =>
      `    ip daddr $${privateVariable(id)} meta l4proto { tcp, udp } notrack ip daddr set ${serviceAddress}`,
  );
  const leaving = vips.map(
    ({ id, serviceAddress }) =>
      `    oifname $interface ip saddr ${serviceAddress} ip saddr set $${privateVariable(id)}`,
  );
  const untracked = vips.length === 0 ? [] : [`    ip saddr { ${addresses.join(', ')} } notrack`];
  return [
    '# Each service address of this node, mapped 1:1 to the private address of its VIP. Written by the deployment.',
    "# The node's primary address is in no rule.",
    'table ip understudy',
    'delete table ip understudy',
    'table ip understudy {',
    ...chain('arriving', 'prerouting', 'raw', ['    iifname != $interface accept', ...arriving]),
    ...chain('sent', 'output', 'raw', untracked),
    ...chain('leaving', 'postrouting', '300', leaving),
    '}',
    '',
  ].join('\n');
}

const chain = (name: string, hook: string, priority: string, rules: readonly string[]): string[] => [
  `  chain ${name} {`,
  `    type filter hook ${hook} priority ${priority}; policy accept;`,
  ...rules,
  '  }',
];
