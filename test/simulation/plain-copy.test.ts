import { frozen, plainCopy } from '../../lib/simulation/plain-copy';

const item = (): { id: string; steps: { name: string }[]; note: undefined; at: null } => ({
  id: 'vip-1#2',
  steps: [{ name: 'fence' }, { name: 'attach' }],
  note: undefined,
  at: null,
});

describe('a plain copy', () => {
  it('is equal, down to what is undefined or null', () => {
    expect(plainCopy(item())).toStrictEqual(item());
  });

  it('shares nothing that can be changed', () => {
    const original = item();
    const copy = plainCopy(original);

    copy.steps.push({ name: 'dns' });
    (copy.steps[0] as { name: string }).name = 'lock';

    expect(original).toStrictEqual(item());
  });

  it('shares what nobody can change', () => {
    const original = { topology: frozen(item()) };

    expect(plainCopy(original)).not.toBe(original);
    expect(plainCopy(original).topology).toBe(original.topology);
  });
});

describe('frozen', () => {
  it('reaches everything inside', () => {
    const value = frozen(item());

    expect(() => value.steps.push({ name: 'dns' })).toThrow(TypeError);
    expect(Object.isFrozen(value.steps[1])).toBe(true);
  });
});
