/** What a scenario found. */

export interface ScenarioResult {
  name: string;
  passed: boolean;
  /** Each a sentence that must hold, and whether it does. */
  checks: { what: string; holds: boolean; saw: string }[];
  /** Figures for the table and for JSON. Milliseconds and counts. */
  figures: Record<string, number>;
  /** Why it ended early. */
  error: string | null;
}

/** Collects what a scenario sees. */
export class Findings {
  private readonly checks: ScenarioResult['checks'] = [];
  private readonly figures: Record<string, number> = {};

  constructor(private readonly say: (line: string) => void) {}

  check(what: string, holds: boolean, saw: string | number): void {
    this.checks.push({ what, holds, saw: String(saw) });
    this.say(`  ${holds ? 'ok  ' : 'FAIL'} ${what}: ${saw}`);
  }

  equal(what: string, saw: number | string, wanted: number | string): void {
    this.check(what, saw === wanted, saw === wanted ? saw : `${saw}, wanted ${wanted}`);
  }

  figure(name: string, value: number): void {
    this.figures[name] = Math.round(value);
    this.say(`       ${name} = ${Math.round(value)}`);
  }

  result(name: string, error: string | null): ScenarioResult {
    const { checks, figures } = this;
    return { name, passed: error === null && checks.every(({ holds }) => holds), checks, figures, error };
  }
}
