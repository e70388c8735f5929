/** A practice's clock for a calendar full of entries: reading a zone costs far more than adding a known offset. */
import { instantToWall } from '../../../supabase/functions/_shared/zoned_time.ts';

/** Zones change their clocks at whole quarters of an hour. */
const QUARTER = 15 * 60_000;

/** Reads instants on the zone's clock, as `YYYY-MM-DDTHH:mm`. */
export function zoneClock(zone: string): (instant: string) => string {
  const offsets = new Map<number, number>();
  return (instant) => {
    const at = Date.parse(instant);
    const quarter = Math.floor(at / QUARTER);
    let offset = offsets.get(quarter);
    if (offset === undefined) {
      const start = new Date(quarter * QUARTER).toISOString();
      offset = Date.parse(`${instantToWall(start, zone)}:00Z`) - quarter * QUARTER;
      offsets.set(quarter, offset);
    }
    return new Date(at + offset).toISOString().slice(0, 16);
  };
}
