import fc from 'fast-check';

import { judge } from '../../../local/demo/judge';
import { phasesMs, phasesOf } from '../../../local/demo/phases';
import { reportOf } from '../../../local/demo/report';
import { drawPages, drawTimeline } from '../../../local/demo/timeline';
import { FAULT_AT_MS, pendingStep, recoveredFacts, tornNothingFacts, transition } from './facts-fixture';

describe('phases', () => {
  test('are counted from the fault', () => {
    const phases = phasesMs(phasesOf([transition()], FAULT_AT_MS));

    expect(phases).toEqual({
      detected: 50,
      decided: 200,
      fenced: 300,
      addressMoved: 500,
      dnsMoved: 600,
      locked: 700,
      recovered: 800,
      promoted: 900,
      verified: 1000,
    });
  });

  test('a step that did not happen is null, not zero', () => {
    const skipped = transition({}, { dns: { ...pendingStep, status: 'skipped' } });

    expect(phasesMs(phasesOf([skipped], FAULT_AT_MS)).dnsMoved).toBeNull();
  });

  test('in a chain the first journal detected, the last one moved', () => {
    const first = transition({ status: 'superseded' }, { attach: pendingStep });
    const second = transition({ epoch: 3, detectedAtMs: FAULT_AT_MS + 5000, decidedAtMs: FAULT_AT_MS + 5100 });

    const phases = phasesMs(phasesOf([first, second], FAULT_AT_MS));

    expect(phases).toMatchObject({ detected: 50, decided: 200, addressMoved: 500 });
  });

  test('no journal, no phase', () => {
    expect(phasesMs(phasesOf([], FAULT_AT_MS)).detected).toBeNull();
  });
});

describe('the timeline', () => {
  test('draws a bar for each phase and for the outage, on one scale', () => {
    const lines = drawTimeline(recoveredFacts(), { width: 80, colour: false });

    expect(lines).toHaveLength(10);
    expect(lines.at(-1)).toContain('caller unserved');
    expect(lines.at(-1)).toContain('650 ms');
    expect(lines[2]).toContain('fenced');
    expect(lines[2]).toContain('300 ms');
  });

  test('stays inside its columns whatever the times are', () => {
    const time = fc.integer({ min: -5_000, max: 10_000_000 });
    fc.assert(
      fc.property(time, time, fc.integer({ min: 60, max: 200 }), (detected, decided, width) => {
        const odd = transition({ detectedAtMs: FAULT_AT_MS + detected, decidedAtMs: FAULT_AT_MS + decided });

        const lines = drawTimeline(recoveredFacts({ transitions: [odd] }), { width, colour: false });

        const bars = lines.map((line) => (/[█░]+/.exec(line)?.[0] ?? '').length);
        expect(bars.every((length) => length >= 1 && length <= width)).toBe(true);
      }),
    );
  });

  test('has no escape codes unless asked', () => {
    const plain = drawTimeline(recoveredFacts(), { width: 80, colour: false }).join('\n');
    const coloured = drawTimeline(recoveredFacts(), { width: 80, colour: true }).join('\n');

    expect(plain).not.toContain('\u001b');
    expect(coloured).toContain('\u001b');
  });

  test('shows the page, and not the alarms', () => {
    const text = drawPages(recoveredFacts(), { width: 80, colour: false }).join('\n');

    expect(text).toContain('main: a -> b, callers are served');
    expect(text).not.toContain('ALARM');
  });
});

describe('the JSON report', () => {
  test('has what the demo promises', () => {
    const facts = recoveredFacts();

    const report = reportOf(facts, judge(facts));

    expect(report).toMatchObject({
      fault: 'kill',
      recovered: true,
      asExpected: true,
      callerOutageMs: 650,
      holder: { before: 'a', after: 'b' },
      epoch: { before: 1, after: 2 },
      unexpected: [],
    });
    expect(report.phasesMs.verified).toBe(1000);
    expect(report.notifications[0]).toMatchObject({ kind: 'page', atMs: 900 });
  });

  test('without a standby nothing is recovered', () => {
    const facts = tornNothingFacts();

    expect(reportOf(facts, judge(facts))).toMatchObject({ recovered: false, asExpected: true, callerOutageMs: null });
  });
});
