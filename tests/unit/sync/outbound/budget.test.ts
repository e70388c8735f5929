import { describe, expect, test } from 'vitest';
import { Budget, type Call } from '../../../../supabase/functions/_shared/sync/outbound/budget.ts';

const COST = { create: 1, patch: 3, delete: 1, read: 1, locate: 5 };
const budget = (units: number | null, unitsPerMinute: number | null = 600) =>
  new Budget(units, { cost: COST, unitsPerMinute });
const writes = (count: number, call: Call, ...mayFollow: Call[]) =>
  Array.from({ length: count }, () => ({ call, mayFollow }));

describe('a budget', () => {
  test('is spent to its last unit and not beyond', () => {
    const quota = budget(4);
    expect(quota.take(['patch'])).toBe(true);
    expect(quota.take(['create', 'read'])).toBe(false);
    expect(quota.take(['create'])).toBe(true);
    expect([quota.left, quota.take(['read'])]).toEqual([0, false]);
  });

  test('keeps units back for second steps, which nothing new is begun with', () => {
    const quota = budget(6);
    quota.hold('patch');
    expect(quota.left).toBe(3);
    expect([quota.allows(['patch']), quota.allows(['read', 'patch'])]).toEqual([true, false]);
    quota.release('patch');
    expect(quota.allows(['read', 'patch'])).toBe(true);
  });

  test('pays writes only with what their answers may ask for', () => {
    const quota = budget(20);
    expect(quota.take(['create'])).toBe(true);
    expect(quota.affords(writes(9, 'patch', 'read', 'patch'), 50)).toBe(2);
    expect(quota.affords(writes(60, 'create'), 50)).toBe(19);
    expect(budget(null).affords(writes(60, 'create'), 50)).toBe(50);
  });

  test('lets the first change of all go as soon as it can be paid itself', () => {
    expect(budget(3).affords(writes(2, 'patch', 'read', 'patch'), 50)).toBe(1);
    expect(budget(2).affords(writes(2, 'patch', 'read', 'patch'), 50)).toBe(0);
  });

  test('that is used up pauses the lane for as long as the refill takes, and no longer than a twelfth of a minute', () => {
    const pauses = [1, 30, 50, 5000].map((count) => budget(0).refill(Array(count).fill('read'))?.pauseSeconds);
    expect(pauses).toEqual([1, 3, 5, 5]);
    expect(budget(0).refillFor(writes(1, 'create'))).toEqual(budget(0).refill(['read', 'patch']));
  });

  test('pauses only for what is missing beside what is left', () => {
    const quota = budget(60);
    quota.take(Array(25).fill('read'));
    expect(quota.refillFor(writes(60, 'create'))?.pauseSeconds).toBe(2);
  });

  test('there is none where the provider has no such quota', () => {
    const quota = budget(null, null);
    expect(quota.take(Array(1000).fill('patch'))).toBe(true);
    expect(quota.refill(['read'])).toBeNull();
  });

  test('counts each unit once for the database', () => {
    const quota = budget(100);
    quota.take(['patch', 'read']);
    expect(quota.report()).toBe(4);
    quota.take(['read']);
    expect([quota.report(), quota.report()]).toEqual([1, 0]);
  });
});
