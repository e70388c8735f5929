/**
 * A foreign tool that keeps two calendars alike: it copies every event that has no twin to the other side, and every
 * change and deletion after it. It knows nothing of us, and copies what we wrote too.
 */
import type { Emulator } from './emulator.ts';
import type { Entry, ProviderStage, SeenEvent } from './provider_stage.ts';

export interface MirroredSide {
  readonly stage: ProviderStage;
  readonly emulator: Emulator;
}

interface Twins {
  readonly ids: readonly [string, string];
  /** As both last were. */
  content: string;
}

export class CalendarMirror {
  readonly #sides: readonly [MirroredSide, MirroredSide];
  #twins: Twins[] = [];

  constructor(...sides: [MirroredSide, MirroredSide]) {
    this.#sides = sides;
  }

  /** Looks at both sides once. Gives how much it wrote. */
  async round(): Promise<number> {
    const seen = [await live(this.#sides[0]), await live(this.#sides[1])] as const;
    let writes = 0;
    for (const twins of [...this.#twins]) {
      const [one, other] = [seen[0].get(twins.ids[0]), seen[1].get(twins.ids[1])];
      const changed = one && contentOf(one) !== twins.content
        ? 0
        : other && contentOf(other) !== twins.content
        ? 1
        : null;
      if (!one || !other) {
        this.#twins = this.#twins.filter((kept) => kept !== twins);
        if (one) await this.#remove(0, one);
        if (other) await this.#remove(1, other);
        writes++;
      } else if (changed !== null) {
        const [source, target] = changed === 0 ? [one, other] : [other, one];
        await this.#edit(changed === 0 ? 1 : 0, target, source);
        twins.content = contentOf(source);
        writes++;
      }
    }
    for (const from of [0, 1] as const) {
      const known = new Set(this.#twins.map(({ ids }) => ids[from]));
      for (const event of seen[from].values()) {
        if (known.has(event.id) || this.#isGone(event.id, from)) continue;
        const id = await this.#add(from === 0 ? 1 : 0, event);
        this.#twins.push({ ids: from === 0 ? [event.id, id] : [id, event.id], content: contentOf(event) });
        this.#seenOnce.add(event.id).add(id);
        writes++;
      }
    }
    return writes;
  }

  readonly #seenOnce = new Set<string>();

  /** Removed in this very round. */
  #isGone(id: string, side: 0 | 1): boolean {
    return this.#seenOnce.has(id) && !this.#twins.some(({ ids }) => ids[side] === id);
  }

  async #add(side: 0 | 1, event: SeenEvent): Promise<string> {
    const { stage, emulator } = this.#sides[side];
    return (await stage.person.add(emulator, stage.claire.email, stage.claire.calendar, entryOf(event))).id;
  }

  async #edit(side: 0 | 1, { id }: SeenEvent, as: SeenEvent): Promise<void> {
    const { stage, emulator } = this.#sides[side];
    await stage.person.edit(emulator, stage.claire.email, { calendar: stage.claire.calendar, id }, entryOf(as));
  }

  async #remove(side: 0 | 1, { id }: SeenEvent): Promise<void> {
    const { stage, emulator } = this.#sides[side];
    await stage.person.remove(emulator, stage.claire.email, { calendar: stage.claire.calendar, id });
  }
}

async function live({ stage, emulator }: MirroredSide): Promise<Map<string, SeenEvent>> {
  const { events } = await emulator.control('state?only=events');
  return new Map(
    events.map(stage.seen)
      .filter((event: SeenEvent) => event.live && event.calendarId === stage.claire.calendar)
      .map((event: SeenEvent) => [event.id, event]),
  );
}

function entryOf({ title, start, end }: SeenEvent): Entry {
  return { title, start, end };
}

function contentOf({ title, start, end }: SeenEvent): string {
  return JSON.stringify([title, start, end]);
}
