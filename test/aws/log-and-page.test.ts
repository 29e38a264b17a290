import fc from 'fast-check';
import { PowertoolsLog } from '../../lib/aws/logger';
import { PowertoolsMetrics } from '../../lib/aws/metrics';
import { asciiSubject } from '../../lib/aws/pager';
import { redact } from '../../lib/aws/redact';

/** Runs `act` and returns what it wrote to standard output and error, one JSON object a line. */
function linesOf(act: () => void): Record<string, unknown>[] {
  const written: string[] = [];
  const take = (chunk: string | Uint8Array): boolean => written.push(String(chunk)) > 0;
  const spies = [jest.spyOn(process.stdout, 'write'), jest.spyOn(process.stderr, 'write')];
  spies.forEach((spy) => spy.mockImplementation(take));
  try {
    act();
  } finally {
    spies.forEach((spy) => spy.mockRestore());
  }
  return written
    .join('')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the log', () => {
  it('never shows a secret: not by name, not by value, wherever it stands', () => {
    const [line] = linesOf(() => {
      const log = new PowertoolsLog('observer', { cluster: 'pbx' });
      log.hide('ClueCon');
      log.warn('sent auth ClueCon', {
        password: 'other',
        deep: [{ text: 'auth ClueCon\n\n', secretArn: 'arn:aws:secretsmanager:x' }],
        error: new Error('ClueCon was rejected', { cause: new Error('ClueCon!') }),
      });
    });
    expect(JSON.stringify(line)).not.toMatch(/ClueCon|other/);
    expect(line).toMatchObject({
      level: 'WARN',
      cluster: 'pbx',
      message: 'sent auth [redacted]',
      deep: [{ secretArn: 'arn:aws:secretsmanager:x' }],
    });
  });

  it('keeps its own fields when one of ours has such a name', () => {
    const [line] = linesOf(() => new PowertoolsLog('observer').info('hello', { level: 'x', message: 'y' }));
    expect(line).toMatchObject({ level: 'INFO', message: 'hello', level_: 'x', message_: 'y' });
  });

  it('copes with anything, and hides a known secret in all of it', () => {
    const secret = 'S3cr3t!x';
    const value = fc.object({ withBigInt: true, withDate: true, withTypedArray: true, withMap: true });
    fc.assert(
      fc.property(value, fc.string(), (some, text) => {
        const clean = redact({ some, text: text + secret + text, [secret]: [secret] }, [secret]);
        expect(JSON.stringify(clean)).not.toContain(secret);
      }),
    );
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    expect(JSON.stringify(redact(loop, []))).toContain('[too deep]');
  });
});

describe('a metric', () => {
  it('counts for its cluster, which alarms look at, and for its finer dimensions', () => {
    const lines = linesOf(() => {
      const metrics = new PowertoolsMetrics('pbx');
      metrics.count('FailoverDecided', 1);
      metrics.durationMs('RecoverMs', 830, { vip: 'main' });
    });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({ FailoverDecided: 1, cluster: 'pbx' });
    expect(lines[0]?.['_aws']).toMatchObject({
      CloudWatchMetrics: [{ Namespace: 'Understudy', Dimensions: [['cluster']] }],
    });
    expect(lines[1]).toMatchObject({ RecoverMs: 830, vip: 'main' });
    expect(lines[1]?.['_aws']).toMatchObject({
      CloudWatchMetrics: [
        { Dimensions: [['cluster'], ['cluster', 'vip']], Metrics: [{ Name: 'RecoverMs', Unit: 'Milliseconds' }] },
      ],
    });
  });
});

describe('the subject of a page', () => {
  it('says the same in ASCII', () => {
    expect(asciiSubject('main: fs-a → fs-b, géré\n')).toBe('main: fs-a -> fs-b, gere');
    expect(asciiSubject('')).toBe('Understudy');
  });

  it('is always one that SNS accepts', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (subject) => {
        expect(asciiSubject(subject)).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,99}$/);
      }),
    );
  });
});
