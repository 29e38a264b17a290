/** Many runs as the figures that are told, published and compared. Of a run only numbers are kept. */
import { EDGE_IDS } from '../domain/state-machine';
import { STRUCK_BY, type ChangeOfHolder, type RunResult, type StruckBy } from './results';
import { YEAR_MS } from './scenario';
import { nearestRank, poissonUpper95, ratioOf, ratioUpper95, type Measured } from './statistics';

const HOUR_MS = 3_600_000;
const YEAR_HOURS = YEAR_MS / HOUR_MS;
const YEAR_MINUTES = YEAR_HOURS * 60;

/** Milliseconds of virtual time, by nearest rank; null where nothing was measured. */
export interface Percentiles {
  p50: number | null;
  p99: number | null;
}

/** Unplanned changes of holder after one kind of fault. */
export interface KindFigures {
  count: number;
  /** Of them, those after which callers were served again: `recoverMs` is about these alone. */
  recovered: number;
  detectMs: Percentiles;
  recoverMs: Percentiles;
}

/**
 * Rates and shares are null where no time was simulated. Bounds are one-sided, 95 %: of failovers exact (Poisson), of
 * times, calls, and what comes in series (reinstatements, pages) by the spread between runs, and null for fewer than ten runs or where there was never anything.
 */
export interface Figures {
  clusterYears: number;
  violations: number;
  /** False ones included, retargetings too. */
  failovers: number;
  failoversPerYear: number | null;
  failoversPerYearUpper95: number | null;
  /** Failovers of a holder that nothing had struck. */
  falseFailovers: number;
  /** Of them, those of a holder that had been struck, and was well again before anybody could know. */
  falseFailoversJustRecovered: number;
  falseFailoversPer1000Years: number | null;
  falseFailoversPer1000YearsUpper95: number | null;
  reinstatements: number;
  reinstatementsPerYear: number | null;
  reinstatementsPerYearUpper95: number | null;
  /** Share of the time of all VIPs in which callers were served. */
  availability: number | null;
  availabilityLower95: number | null;
  minutesLostPerVipYear: number | null;
  minutesLostPerVipYearUpper95: number | null;
  /** Of the time served, not lost: a full holder takes no new call. */
  fullMinutesPerVipYear: number | null;
  fullMinutesPerVipYearUpper95: number | null;
  /**
   * In which the private name led to a node that did not serve, or nowhere; of VIPs that have one. Where there is an
   * Elastic IP too, no other figure counts these callers: the two addresses move apart while Route 53 is away.
   */
  nameMinutesLostPerVipYear: number | null;
  nameMinutesLostPerVipYearUpper95: number | null;
  /** From the fault to the decision, and until callers are served again, over all kinds of fault. */
  detectMs: Percentiles;
  recoverMs: Percentiles;
  byKind: Partial<Record<StruckBy, KindFigures>>;
  /** Established calls on holders when they changed, and how many of them did not live on. */
  callsBefore: number;
  callsLost: number;
  callsLostPerVipYear: number | null;
  callsLostPerVipYearUpper95: number | null;
  /** In all, with at least one VIP without an eligible standby. */
  withoutStandbyHours: number;
  withoutStandbyHoursPerYear: number | null;
  withoutStandbyHoursPerYearUpper95: number | null;
  pages: number;
  pagesPerYear: number | null;
  pagesPerYearUpper95: number | null;
  /** How often each kind of fault struck anything. */
  faults: Record<string, number>;
  /** Edges of the state machine that some run took, by id. */
  edges: string[];
  /** Those that none took: of them these runs say nothing. */
  edgesMissed: string[];
  /** Share of the time that was lived through second by second; the rest was quiet, and skipped. */
  livedShare: number | null;
  /** Measured: the only figure that a seed does not repeat. */
  cpuSecondsPerYear: number | null;
  seed: number;
}

interface Durations {
  count: number;
  detectMs: number[];
  recoverMs: number[];
}

/** Adds up runs, in the order they are given; thousands of years fit. */
export class Tally {
  private readonly counts = { violations: 0, failovers: 0 };
  private readonly falseFailovers = { all: 0, justRecovered: 0 };
  private readonly calls = { before: 0, lost: 0 };
  private readonly byKind = new Map<StruckBy, Durations>();
  private readonly faults = new Map<string, number>();
  private readonly edges = new Set<string>();
  private livedMs = 0;
  private cpuMs = 0;
  /** One entry a run: over the time of all VIPs, over the time of the cluster, and over years of all VIPs. */
  private readonly unservedMs: Measured[] = [];
  private readonly fullMs: Measured[] = [];
  private readonly nameUnservedMs: Measured[] = [];
  private readonly withoutStandbyMs: Measured[] = [];
  private readonly callsLost: Measured[] = [];
  private readonly reinstatements: Measured[] = [];
  private readonly pages: Measured[] = [];

  get failovers(): number {
    return this.counts.failovers;
  }

  get violations(): number {
    return this.counts.violations;
  }

  /** Unserved time over the time of all VIPs, one entry a run, in the order they were added. */
  get unserved(): readonly Measured[] {
    return this.unservedMs;
  }

  /** Over years of all VIPs, likewise. */
  get lostCalls(): readonly Measured[] {
    return this.callsLost;
  }

  add(run: RunResult): void {
    this.counts.violations += run.violations.length;
    this.livedMs += run.livedMs;
    this.cpuMs += run.cpuMs;
    for (const change of run.changes) this.addChange(change);
    for (const [kind, times] of Object.entries(run.faults)) this.faults.set(kind, (this.faults.get(kind) ?? 0) + times);
    for (const edge of run.edges) this.edges.add(edge);
    this.unservedMs.push({ amount: run.unservedMs, per: run.vipMs });
    this.fullMs.push({ amount: run.fullMs, per: run.vipMs });
    this.nameUnservedMs.push({ amount: run.nameUnservedMs, per: run.namedVipMs });
    this.withoutStandbyMs.push({ amount: run.withoutStandbyMs, per: run.ranForMs });
    const callsLost = run.changes.reduce((sum, change) => sum + change.callsLost, 0);
    const years = run.ranForMs / YEAR_MS;
    const reinstatements = run.changes.filter(({ kind }) => kind === 'reinstatement').length;
    this.reinstatements.push({ amount: reinstatements, per: years });
    this.pages.push({ amount: run.pages, per: years });
    this.callsLost.push({ amount: callsLost, per: run.vipMs / YEAR_MS });
  }

  /** @param seed what the runs' own seeds were made of */
  figures(seed: number): Figures {
    const years = sumOf(this.withoutStandbyMs, ({ per }) => per) / YEAR_MS;
    const withoutStandbyHours = sumOf(this.withoutStandbyMs, ({ amount }) => amount) / HOUR_MS;
    const { violations, failovers } = this.counts;
    const { all: falseFailovers, justRecovered: falseFailoversJustRecovered } = this.falseFailovers;
    const [unserved, unservedUpper95] = [ratioOf(this.unservedMs), ratioUpper95(this.unservedMs)];
    const kinds = [...this.byKind.values()];
    return {
      clusterYears: years,
      violations,
      failovers,
      failoversPerYear: rate(failovers, years),
      failoversPerYearUpper95: rate(poissonUpper95(failovers), years),
      falseFailovers,
      falseFailoversJustRecovered,
      falseFailoversPer1000Years: rate(falseFailovers * 1_000, years),
      falseFailoversPer1000YearsUpper95: rate(poissonUpper95(falseFailovers) * 1_000, years),
      reinstatements: sumOf(this.reinstatements, ({ amount }) => amount),
      reinstatementsPerYear: ratioOf(this.reinstatements),
      reinstatementsPerYearUpper95: ratioUpper95(this.reinstatements),
      availability: scaled(unserved, (share) => 1 - share),
      availabilityLower95: scaled(unservedUpper95, (share) => Math.max(0, 1 - share)),
      minutesLostPerVipYear: minutesAYear(unserved),
      minutesLostPerVipYearUpper95: minutesAYear(unservedUpper95),
      fullMinutesPerVipYear: minutesAYear(ratioOf(this.fullMs)),
      fullMinutesPerVipYearUpper95: minutesAYear(ratioUpper95(this.fullMs)),
      nameMinutesLostPerVipYear: minutesAYear(ratioOf(this.nameUnservedMs)),
      nameMinutesLostPerVipYearUpper95: minutesAYear(ratioUpper95(this.nameUnservedMs)),
      detectMs: percentilesOf(kinds.flatMap(({ detectMs }) => detectMs)),
      recoverMs: percentilesOf(kinds.flatMap(({ recoverMs }) => recoverMs)),
      byKind: Object.fromEntries(STRUCK_BY.flatMap((kind) => this.figuresOfKind(kind))),
      callsBefore: this.calls.before,
      callsLost: this.calls.lost,
      callsLostPerVipYear: ratioOf(this.callsLost),
      callsLostPerVipYearUpper95: ratioUpper95(this.callsLost),
      withoutStandbyHours,
      withoutStandbyHoursPerYear: rate(withoutStandbyHours, years),
      withoutStandbyHoursPerYearUpper95: scaled(ratioUpper95(this.withoutStandbyMs), (share) => share * YEAR_HOURS),
      pages: sumOf(this.pages, ({ amount }) => amount),
      pagesPerYear: ratioOf(this.pages),
      pagesPerYearUpper95: ratioUpper95(this.pages),
      faults: Object.fromEntries([...this.faults].sort(byName)),
      edges: [...this.edges].sort(),
      edgesMissed: edgesMissed(this.edges),
      livedShare: rate(this.livedMs, years * YEAR_MS),
      cpuSecondsPerYear: rate(this.cpuMs / 1_000, years),
      seed,
    };
  }

  private figuresOfKind(kind: StruckBy): [StruckBy, KindFigures][] {
    const durations = this.byKind.get(kind);
    return durations === undefined ? [] : [[kind, kindFigures(durations)]];
  }

  private addChange(change: ChangeOfHolder): void {
    this.calls.before += change.callsBefore;
    this.calls.lost += change.callsLost;
    if (change.kind === 'failover') this.counts.failovers += 1;
    if (change.kind === 'failover' && change.struckBy === 'nothing') {
      this.falseFailovers.all += 1;
      if (change.recoveredAgoMs !== null) this.falseFailovers.justRecovered += 1;
    }
    if (isAnswerToFault(change)) this.addDurations(change);
  }

  private addDurations({ struckBy, detectMs, recoverMs }: ChangeOfHolder): void {
    const durations = this.byKind.get(struckBy) ?? { count: 0, detectMs: [], recoverMs: [] };
    this.byKind.set(struckBy, durations);
    durations.count += 1;
    if (detectMs !== null) durations.detectMs.push(detectMs);
    if (recoverMs !== null) durations.recoverMs.push(recoverMs);
  }
}

/** The edges of the state machines that are not among these. */
export function edgesMissed(taken: ReadonlySet<string>): string[] {
  return EDGE_IDS.filter((id) => !taken.has(id)).sort();
}

/** Where nothing had struck there was nothing to detect, and a planned change waits for nobody. */
function isAnswerToFault({ kind, struckBy }: ChangeOfHolder): boolean {
  return (kind === 'failover' || kind === 'reinstatement') && struckBy !== 'nothing';
}

function kindFigures({ count, detectMs, recoverMs }: Durations): KindFigures {
  return {
    count,
    recovered: recoverMs.length,
    detectMs: percentilesOf(detectMs),
    recoverMs: percentilesOf(recoverMs),
  };
}

function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  return { p50: nearestRank(sorted, 0.5), p99: nearestRank(sorted, 0.99) };
}

function scaled(value: number | null, scale: (value: number) => number): number | null {
  return value === null ? null : scale(value);
}

/** @param share of the time of all VIPs */
function minutesAYear(share: number | null): number | null {
  return scaled(share, (each) => Math.min(1, each) * YEAR_MINUTES);
}

function sumOf(runs: readonly Measured[], what: (run: Measured) => number): number {
  return runs.reduce((sum, run) => sum + what(run), 0);
}

function rate(amount: number, per: number): number | null {
  return per === 0 ? null : amount / per;
}

function byName([a]: [string, number], [b]: [string, number]): number {
  return a < b ? -1 : 1;
}
