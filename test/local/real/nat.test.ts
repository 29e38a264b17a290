import { natRules } from '../../../local/real/nat';

describe('the mapping of public addresses in the lab', () => {
  const rules = natRules([{ publicIp: '198.51.100.10', privateIp: '10.213.0.21' }], 'outside');

  it('changes what arrives for the public address from outside, before anything looks at it', () => {
    expect(rules).toContain('type filter hook prerouting priority -300; policy accept;');
    expect(rules).toContain('iifname "outside" ip daddr 198.51.100.10 ip daddr set 10.213.0.21');
  });

  it('changes the way back, of the holder alone', () => {
    expect(rules).toContain('oifname "outside" ip saddr 10.213.0.21 ip saddr set 198.51.100.10');
    expect(rules).not.toContain('10.213.0.22');
  });

  it('replaces the whole table in one transaction, also by an empty one', () => {
    const lines = natRules([], 'outside').split('\n');
    expect(lines.slice(0, 3)).toEqual(['table ip gateway', 'delete table ip gateway', 'table ip gateway {']);
    expect(lines.some((line) => line.includes(' set '))).toBe(false);
  });

  it('keeps no state: a gateway of AWS has none', () => {
    expect(rules).not.toMatch(/\b(dnat|snat|masquerade|ct)\b/);
  });
});
