/** Draws what happened for a terminal. Pure: strings in, lines out. */
import type { Facts } from './facts';
import { whyNotRecovered, type Judgement } from './judge';
import { phasesOf, type Phase, type PhaseName } from './phases';

export interface Drawing {
  /** Columns of the terminal. */
  width: number;
  /** Escape codes only where somebody looks at them. */
  colour: boolean;
}

const LABELS: Record<PhaseName, string> = {
  detected: 'detected',
  decided: 'decided',
  fenced: 'fenced',
  addressMoved: 'address moved',
  dnsMoved: 'DNS moved',
  locked: 'rows fenced',
  recovered: 'calls rebuilt',
  promoted: 'promoted',
  verified: 'verified',
};

const LABEL_COLUMNS = 17;
const NUMBER_COLUMNS = 22;
const PAINT = { red: 31, green: 32, yellow: 33, cyan: 36, dim: 2, bold: 1 } as const;
type Paint = keyof typeof PAINT;

/** Wraps text in an escape code, or not. */
export function painter(colour: boolean): (paint: Paint, text: string) => string {
  return (paint, text) => (colour ? `\u001b[${PAINT[paint]}m${text}\u001b[0m` : text);
}

/** One bar on the common scale: `scaleMs` fills `columns`. Every phase shows at least one cell. */
function bar(startMs: number, endMs: number, scaleMs: number, columns: number, cell: string): string {
  const column = (ms: number): number => Math.round((Math.max(0, ms) / scaleMs) * columns);
  const from = Math.min(column(startMs), columns - 1);
  const to = Math.max(from + 1, Math.min(column(endMs), columns));
  return ' '.repeat(from) + cell.repeat(to - from) + ' '.repeat(columns - to);
}

const milliseconds = (ms: number): string => `${Math.round(ms)} ms`;

/** The bars: each phase from its start to its end, and below them what the caller noticed. */
export function drawTimeline(facts: Facts, drawing: Drawing): string[] {
  const phases = phasesOf(facts.transitions, facts.faultAtMs);
  if (phases.length === 0) return ['  no transition was decided'];
  const paint = painter(drawing.colour);
  const outage = callerStretch(facts);
  const scaleMs = Math.max(1, ...phases.map((phase) => phase.endMs), outage?.endMs ?? 0);
  const columns = Math.max(10, drawing.width - LABEL_COLUMNS - NUMBER_COLUMNS - 2);
  const phaseLine = (phase: Phase): string => {
    const took = milliseconds(phase.endMs - phase.startMs);
    const drawn = paint('cyan', bar(phase.startMs, phase.endMs, scaleMs, columns, '█'));
    return `  ${LABELS[phase.name].padEnd(LABEL_COLUMNS)}${drawn}${milliseconds(phase.endMs).padStart(10)}  ${paint('dim', `(took ${took})`)}`;
  };
  const lines = phases.map(phaseLine);
  if (outage !== null) {
    const drawn = paint('red', bar(outage.startMs, outage.endMs, scaleMs, columns, '░'));
    const silent = milliseconds(outage.endMs - outage.startMs);
    lines.push(`  ${'caller unserved'.padEnd(LABEL_COLUMNS)}${drawn}${silent.padStart(10)}  between two answers`);
  }
  return lines;
}

/** The survival ledger as bars: before, rebuilt, alive after 5 s and after 30 s; then what was lost, and why. */
export function drawCalls(facts: Facts, drawing: Drawing): string[] {
  const { ledger, placed, recoverable } = facts.calls;
  if (placed > 0 && !recoverable)
    return [`  ${placed} ended with their node: ${whyNotRecovered(facts) ?? 'not said why'}`];
  if (ledger === null || ledger.before === 0) return ['  no call was up'];
  const paint = painter(drawing.colour);
  const columns = Math.max(10, drawing.width - LABEL_COLUMNS - NUMBER_COLUMNS - 2);
  const line = (label: string, count: number | null): string => {
    if (count === null) return `  ${label.padEnd(LABEL_COLUMNS)}not counted yet`;
    const drawn = count === 0 ? ' '.repeat(columns) : bar(0, count, ledger.before, columns, '█');
    return `  ${label.padEnd(LABEL_COLUMNS)}${paint('green', drawn)}${String(count).padStart(10)}`;
  };
  return [
    line('before', ledger.before),
    line('rebuilt', ledger.resurrected),
    line('alive after 5 s', ledger.aliveAfter5s),
    line('alive after 30 s', ledger.aliveAfter30s),
    ...ledger.lost.map(({ reason, count }) => `  ${paint('red', 'lost'.padEnd(LABEL_COLUMNS))}${count}: ${reason}`),
    ...ledger.notes.map((note) => `  ${paint('dim', note)}`),
  ];
}

function callerStretch(facts: Facts): { startMs: number; endMs: number } | null {
  const { lastServedBeforeMs, firstServedAfterMs, outageMs } = facts.caller;
  if (outageMs === null || lastServedBeforeMs === null || firstServedAfterMs === null) return null;
  return { startMs: lastServedBeforeMs - facts.faultAtMs, endMs: firstServedAfterMs - facts.faultAtMs };
}

/** Holder, epoch, proofs, and each expectation with whether it held. */
export function drawFindings(facts: Facts, judgement: Judgement, drawing: Drawing): string[] {
  const paint = painter(drawing.colour);
  const { holder, epoch } = facts;
  const proofs = facts.transitions.flatMap((transition) =>
    Object.entries(transition.steps)
      .filter(([, record]) => record.proof !== null)
      .map(([step, record]) => `  ${step.padEnd(LABEL_COLUMNS)}${record.proof ?? ''}`),
  );
  return [
    `  ${'holder'.padEnd(LABEL_COLUMNS)}${holder.before ?? 'nobody'} -> ${holder.after ?? 'nobody'}`,
    `  ${'epoch'.padEnd(LABEL_COLUMNS)}${epoch.before} -> ${epoch.after}`,
    ...facts.transitions.flatMap((transition) =>
      transition.reasons.map((reason) => `  ${'reason'.padEnd(LABEL_COLUMNS)}${reason}`),
    ),
    ...proofs,
    '',
    ...judgement.findings.map((finding) =>
      finding.holds
        ? `  ${paint('green', 'yes')}  ${finding.expected}`
        : `  ${paint('red', 'NO ')}  ${finding.expected}: ${finding.found}`,
    ),
  ];
}

/** What the on-call engineer's phone showed. */
export function drawPages(facts: Facts, drawing: Drawing): string[] {
  const paint = painter(drawing.colour);
  const pages = facts.notifications.filter((notification) => notification.kind === 'page');
  if (pages.length === 0) return ['  nothing'];
  return pages.flatMap((page) => [
    `  ${paint('bold', page.subject)}  ${paint('dim', `${milliseconds(page.receivedAtMs - facts.faultAtMs)} after the fault`)}`,
    ...page.body
      .trimEnd()
      .split('\n')
      .map((line) => `  │ ${line}`.trimEnd()),
  ]);
}
