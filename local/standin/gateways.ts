import type { LabTime } from './lab-time';
import type { Profile } from './profile';

/** A real one had registered 2 s after the rescan that ended its profile's standby. */
const REGISTERS_AFTER_MS = 2_000;

/** `NOREG` is one that is not to register at all. */
export type GatewayState = 'UNREGED' | 'REGED' | 'NOREG';

/** A gateway of one profile: registers outward, but never from a profile in standby. */
export class Gateway {
  private registered = false;
  private trying = false;

  constructor(
    readonly name: string,
    readonly profile: Profile,
    private readonly time: LabTime,
    readonly registers = true,
  ) {}

  get state(): GatewayState {
    if (!this.registers) return 'NOREG';
    return this.registered ? 'REGED' : 'UNREGED';
  }

  /** `sip:USER@HOST`, as `sofia status` prints it. */
  get url(): string {
    return `sip:${this.name}@${this.name}.invalid`;
  }

  /** Called whenever the standby flag may have changed. A registration outlives the flag until it runs out. */
  standbyMayHaveEnded(): void {
    if (!this.registers || this.registered || this.trying || this.profile.standby) return;
    this.trying = true;
    this.time.after(REGISTERS_AFTER_MS, () => {
      this.trying = false;
      this.registered = !this.profile.standby;
    });
  }
}
