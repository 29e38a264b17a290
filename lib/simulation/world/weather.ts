/** How AWS's interfaces behave: in time, throttled, failing, late, or applied with the answer lost. */
import { OutsideRefused, OutsideTimeout } from '../../domain/errors';
import type { Process } from '../kernel/process';
import type { Dice } from '../kernel/random';

export const SERVICES = ['dynamodb', 'ec2', 'route53', 'lambda', 'sns'] as const;
export type Service = (typeof SERVICES)[number];

/** Shares of the calls of a service that go wrong, each in its way. */
export interface Storm {
  throttled: number;
  fails: number;
  timesOut: number;
  answerLost: number;
}

/** One way and the other, together; the estimates of docs/performance.md for a region. */
const LATENCY_MS: Record<Service, readonly [number, number]> = {
  dynamodb: [4, 12],
  ec2: [120, 450],
  route53: [150, 400],
  lambda: [8, 25],
  sns: [20, 60],
};

/** The whole deadline of a call: `STORE_POLICY`, `CONTROL_POLICY` and `MESSAGE_POLICY` of lib/aws/call.ts. */
const DEADLINE_MS: Record<Service, number> = {
  dynamodb: 4_000,
  ec2: 12_000,
  route53: 12_000,
  lambda: 8_000,
  sns: 8_000,
};

export class Weather {
  private readonly storms = new Map<Service, Storm>();
  private readonly away = new Set<Service>();

  constructor(private readonly dice: Dice) {}

  begin(service: Service, storm: Storm): void {
    this.storms.set(service, storm);
  }

  end(service: Service): void {
    this.storms.delete(service);
  }

  takeAway(service: Service): void {
    this.away.add(service);
  }

  bringBack(service: Service): void {
    this.away.delete(service);
  }

  isWell(service: Service): boolean {
    return !this.storms.has(service) && !this.away.has(service);
  }

  /** @param aside whatever this one does */
  isFair(aside: Service | null = null): boolean {
    return SERVICES.every((service) => service === aside || this.isWell(service));
  }

  isAway(service: Service): boolean {
    return this.away.has(service);
  }

  /**
   * One call with its deadline and its retries over. `online` is asked when it is sent: where the caller's zone is cut
   * off nothing arrives.
   * @throws OutsideTimeout applied or not; OutsideRefused
   */
  call<T>(process: Process, service: Service, action: string, effect: () => T, online = true): Promise<Awaited<T>> {
    const [least, most] = LATENCY_MS[service];
    const latencyMs = Math.round(this.dice.between(least, most));
    const storm = this.storms.get(service);
    if (!online || this.away.has(service)) return this.lost(process, service, action);
    if (storm !== undefined) {
      let left = this.dice.next();
      if ((left -= storm.throttled) < 0) return this.lost(process, service, action, this.dice.between(800, 3_000));
      if ((left -= storm.fails) < 0) return this.refused(process, service, action, latencyMs);
      if ((left -= storm.timesOut) < 0) return this.lost(process, service, action);
      if ((left -= storm.answerLost) < 0) {
        return this.lost(process, service, action, DEADLINE_MS[service], () => {
          try {
            void quiet(effect());
          } catch {
            // A refusal is an answer, too, and as lost.
          }
        });
      }
    }
    return process.exchange(Math.ceil(latencyMs / 2), Math.floor(latencyMs / 2), () => quiet(effect())) as Promise<
      Awaited<T>
    >;
  }

  private lost(
    process: Process,
    service: Service,
    action: string,
    afterMs = DEADLINE_MS[service],
    effect: () => void = () => undefined,
  ): Promise<never> {
    return process.exchange(Math.min(20, afterMs), afterMs, () => {
      effect();
      throw new OutsideTimeout(`${service}:${action} gave no usable answer`);
    });
  }

  private refused(process: Process, service: Service, action: string, latencyMs: number): Promise<never> {
    return process.exchange(latencyMs, 0, () => {
      throw new OutsideRefused(`${service}:${action} was refused: the simulation wants it so`);
    });
  }
}

/** An answer that nobody waits for any more may be an error: that ends nothing. */
function quiet<T>(answer: T): T {
  if (answer instanceof Promise) answer.catch(() => undefined);
  return answer;
}
