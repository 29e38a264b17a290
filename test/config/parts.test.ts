import fc from 'fast-check';
import { contains, formatCidr, isPrivate, overlaps, parseCidr, type Cidr } from '../../lib/config/cidr';
import { durationMs, formatDuration } from '../../lib/config/duration';
import { formatProblems } from '../../lib/config/format';
import { addressesPerInterface } from '../../lib/config/instance-types';
import { derivedServiceAddress } from '../../lib/config/service-address';
import { UnderstudyError } from '../../lib/domain/errors';

const anyCidr = fc
  .tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }))
  .map(([address, prefix]) => parseCidr(`${address}/${prefix}`) as Cidr);

describe('durations', () => {
  it.each([
    ['400ms', 400],
    ['1s', 1_000],
    ['10m', 600_000],
    ['24h', 86_400_000],
    ['0s', 0],
  ])('%s is %d milliseconds', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.each(['', '5', '1.5s', '-1s', '1 s', '1d', 's', '1e3s'])('refuses %j', (text) => {
    expect(() => durationMs(text)).toThrow(UnderstudyError);
  });

  it('are written so that they can be read back', () => {
    fc.assert(fc.property(fc.nat(86_400_000), (ms) => durationMs(formatDuration(ms)) === ms));
  });
});

describe('ranges of addresses', () => {
  it('are written so that they can be read back', () => {
    fc.assert(
      fc.property(anyCidr, (cidr) => {
        expect(parseCidr(formatCidr(cidr))).toEqual(cidr);
      }),
    );
  });

  it('overlap exactly if one contains the other', () => {
    fc.assert(fc.property(anyCidr, anyCidr, (a, b) => overlaps(a, b) === (contains(a, b) || contains(b, a))));
  });

  it.each([
    ['10.0.0.0/8', true],
    ['172.31.0.0/16', true],
    ['172.32.0.0/16', false],
    ['192.168.0.0/16', true],
    ['192.168.0.0/15', false],
    ['100.127.0.0/16', true],
    ['100.128.0.0/16', false],
    ['127.64.0.0/16', false],
  ])('%s is private: %s', (text, expected) => {
    expect(isPrivate(parseCidr(text) as Cidr)).toBe(expected);
  });

  it.each(['10.0.0.0', '10.0.0/8', '256.0.0.0/8', '10.0.0.0/33', ''])('%j is none', (text) => {
    expect(parseCidr(text)).toBeNull();
  });
});

describe('the service address of a VIP', () => {
  it('never changes: rows of calls in deployed clusters name it', () => {
    expect(derivedServiceAddress('main')).toBe('10.255.23.166');
    expect(derivedServiceAddress('blue')).toBe('10.255.106.68');
  });

  it('is a usable address of 10.255.0.0/16 for every id', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-z0-9-]{0,18}[a-z0-9]$/), (vipId) => {
        const octets = derivedServiceAddress(vipId).split('.').map(Number);
        expect(octets.slice(0, 2)).toEqual([10, 255]);
        expect(octets[2]).toBeLessThanOrEqual(255);
        expect(octets[3]).toBeGreaterThan(0);
        expect(octets[3]).toBeLessThan(255);
      }),
    );
  });

  it('is spread over the range: a hundred VIPs have a hundred addresses', () => {
    const addresses = Array.from({ length: 100 }, (_, index) => derivedServiceAddress(`vip-${index}`));

    expect(new Set(addresses).size).toBe(100);
  });
});

describe('addresses of an instance type', () => {
  it.each([
    ['t3.micro', 2],
    ['t4g.medium', 6],
    ['t3.large', 12],
    ['m6g.medium', 4],
    ['c7g.large', 10],
    ['c5.9xlarge', 30],
    ['m5.24xlarge', 50],
    ['r6i.32xlarge', 50],
    ['c5.8xlarge', null],
    ['t3.giant', null],
  ])('%s: %s', (type, expected) => {
    expect(addressesPerInterface(type)).toBe(expected);
  });
});

describe('mistakes in a terminal', () => {
  it('stand below their places, aligned', () => {
    const text = formatProblems('understudy.yaml', [
      { path: 'clusters[0].id', line: 2, message: 'is missing' },
      { path: 'clusters[0].region', line: 113, message: 'is empty' },
    ]);

    expect(text).toBe(
      [
        'understudy.yaml has 2 mistakes:',
        '',
        '  line 2    clusters[0].id',
        '            is missing',
        '',
        '  line 113  clusters[0].region',
        '            is empty',
      ].join('\n'),
    );
  });

  it('need no line', () => {
    const text = formatProblems('a.yaml', [{ path: '(the whole file)', line: null, message: 'is empty' }]);

    expect(text).toBe('a.yaml has 1 mistake:\n\n  (the whole file)\n  is empty');
  });

  it('end somewhere', () => {
    const problem = { path: 'x', line: 1, message: 'y' };

    expect(formatProblems('a.yaml', Array(60).fill(problem))).toMatch(/\n\n {2}and 10 more$/);
  });
});
