/** A convergence that dies at any await, as a function does that is killed. */
import type { ConvergeDeps } from '../../lib/operations/converge/context';

/** Once dead, nothing it awaits ever comes back: no renewal, no retry, no goodbye. */
export class KillableProcess {
  dead = false;

  kill(): Promise<never> {
    this.dead = true;
    return new Promise(() => undefined);
  }

  wrap(deps: ConvergeDeps): ConvergeDeps {
    const mortal = <T extends object>(port: T): T =>
      new Proxy(port, {
        get: (target, name) => {
          const member: unknown = Reflect.get(target, name);
          if (typeof member !== 'function') return member;
          return (...args: unknown[]): unknown => {
            if (this.dead) return this.kill();
            const result: unknown = Reflect.apply(member, target, args);
            return result instanceof Promise
              ? result.then((value: unknown) => (this.dead ? this.kill() : value))
              : result;
          };
        },
      });
    const { store, clock, elasticIps, dns, instances, nodeControl, pager } = deps;
    return {
      ...deps,
      store: mortal(store),
      clock: mortal(clock),
      elasticIps: mortal(elasticIps),
      dns: mortal(dns),
      instances: mortal(instances),
      nodeControl: mortal(nodeControl),
      pager: mortal(pager),
    };
  }
}
