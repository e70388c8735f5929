/** Our event's description: what its owner writes into it stays, and the link back is never cut. */
import { describe, expect, test } from 'vitest';
import { InboundWorld } from './inbound_world.ts';
import type { Entry } from './provider_stage.ts';
import { STAGES } from './stages.ts';

const world = new InboundWorld();

describe.each(STAGES)('%s', (_name, stage) => {
  world.at(stage);

  async function exported(two_way: string, notes = 'Allergie') {
    await world.withoutPush();
    await world.connect({ two_way, event_detail: 'full' });
    const id = await world.book(world.lumiere, { notes });
    await world.settled();
    await world.poll();
    const event = await world.event();
    return { id, event, text: event.description.replaceAll('\r\n', '\n').trim() };
  }

  /** The event's description as a reader sees it, line by line; what no line says is left out. */
  async function lines(calendar?: string): Promise<string[]> {
    const { description } = await world.event(calendar);
    const text = description.includes('<br') || description.includes('&lt;')
      ? description.replaceAll(/<br\s*\/?>/g, '\n').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll(
        '&amp;',
        '&',
      )
      : description;
    return text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '');
  }

  const said = (text: string, notes: string) =>
    text.replace('Allergie', notes).split('\n').filter((line) => line !== '');
  const link = (id: string) => expect.stringMatching(new RegExp(`^http.*/calendar\\?rdv=${id}$`));

  describe.each(['off', 'review', 'auto'])('two ways: %s', (twoWay) => {
    test.each<[string, (text: string) => Entry, (before: string[]) => string[]]>([
      ['after ours', (text) => ({ description: `${text}\n\nCode 12A` }), (own) => [...own, 'Code 12A']],
      ['before ours', (text) => ({ description: `Code 12A\n\n${text}` }), (own) => ['Code 12A', ...own]],
      [
        'between our lines',
        (text) => ({ description: text.replace('Allergie', 'Allergie\nCode 12A') }),
        (own) => ['Code 12A', ...own],
      ],
      [
        'with mark-up',
        (text) => ({ html: `<p><b>Code 12A</b></p><p>${text.replaceAll('\n', '<br>')}</p>` }),
        (own) => ['Code 12A', ...own],
      ],
      ['in the place of all of ours', () => ({ description: 'Code 12A' }), (own) => ['Code 12A', ...own]],
      ['and nothing but its removal', () => ({ description: '' }), (own) => own],
    ])('a line of the owner’s %s stays when the notes change, and no question is asked', async (_, edit, expected) => {
      const { id, event, text } = await exported(twoWay);
      await world.edit(event.id, edit(text));
      // Once with the owner's line unknown here, once with it read.
      await world.change(world.lumiere, id, { notes: 'Apporter la radio' });
      await world.settled();
      expect(await lines()).toEqual(expected(said(text, 'Apporter la radio')));
      await world.poll();
      await world.change(world.lumiere, id, { notes: 'Rien de plus' });
      await world.settled();
      expect(await lines()).toEqual(expected(said(text, 'Rien de plus')));
      await world.poll();
      expect(await world.conflicts()).toEqual([]);
      expect((await world.rdv(id)).notes).toBe('Rien de plus');
    });
  });

  test.each(['off', 'review', 'auto'])(
    'what a page that was opened before our last write puts back is the owner’s, beside our next one (two ways: %s)',
    async (twoWay) => {
      const { id, event, text } = await exported(twoWay);
      await world.change(world.lumiere, id, { notes: 'Apporter la radio' });
      await world.settled();
      await world.edit(event.id, { description: `${text}\n\nCode 12A` });
      await world.poll();
      await world.settled();
      expect(await lines()).toEqual([...said(text, 'Allergie'), 'Code 12A']);
      await world.change(world.lumiere, id, { notes: 'Rien de plus' });
      await world.settled();
      expect(await lines()).toEqual(['Allergie', ...said(text, 'Rien de plus'), 'Code 12A']);
      expect(await world.conflicts()).toEqual([]);
    },
  );

  test('the owner’s line goes along when the target calendar changes', async () => {
    const { id, event, text } = await exported('auto');
    await world.edit(event.id, { description: `${text}\n\nCode 12A` });
    await world.poll();
    await world.settings(world.claire, { calendar_target_id: stage.claire.second });
    await world.settled();
    expect(await lines(stage.claire.second)).toEqual([...said(text, 'Allergie'), 'Code 12A']);
    await world.change(world.lumiere, id, { notes: 'Rien de plus' });
    await world.settled();
    expect(await lines(stage.claire.second)).toEqual([...said(text, 'Rien de plus'), 'Code 12A']);
  });

  test.each(['off', 'review', 'auto'])(
    'the owner’s line stays where a deletion did not arrive and is taken back (two ways: %s)',
    async (twoWay) => {
      const { id, event, text } = await exported(twoWay);
      await world.fault('delete', { drop: true }, { nth: 1 });
      await world.change(world.lumiere, id, { status: 'cancelled' });
      await world.paused();
      await world.edit(event.id, { description: `Code 12A\n\n${text}` });
      await world.change(world.lumiere, id, { status: 'scheduled', notes: 'Apporter la radio' });
      await world.later();
      await world.settled();
      expect(await lines()).toEqual(['Code 12A', ...said(text, 'Apporter la radio')]);
    },
  );

  test.each(['off', 'review', 'auto'])(
    'the practice’s language changes our words alone, and nothing of it is taken for the owner’s (two ways: %s)',
    async (twoWay) => {
      const { id, event, text } = await exported(twoWay);
      await world.edit(event.id, { description: `${text}\n\nCode 12A` });
      const { organisationId } = world.lumiere;
      try {
        await world.sql`update public.organisations set event_language = 'en' where id = ${organisationId}`;
        await world.settled();
        expect(text).toContain('Praticien : ');
        const english = text.replace('Praticien : ', 'Practitioner: ');
        expect(await lines()).toEqual([...said(english, 'Allergie'), 'Code 12A']);
        await world.poll();
        await world.change(world.lumiere, id, { notes: 'Rien de plus' });
        await world.settled();
        expect(await lines()).toEqual([...said(english, 'Rien de plus'), 'Code 12A']);
        await world.poll();
        expect(await world.conflicts()).toEqual([]);
        expect((await world.rdv(id)).notes).toBe('Rien de plus');
      } finally {
        await world.sql`update public.organisations set event_language = default where id = ${organisationId}`;
      }
    },
  );

  test('less detail takes our lines out and leaves the owner’s', async () => {
    const { id, event, text } = await exported('auto');
    await world.edit(event.id, { description: `${text}\n\nCode 12A` });
    await world.settings(world.claire, { event_detail: 'busy' });
    await world.settled();
    expect(await lines()).toEqual([link(id), 'Code 12A']);
  });

  test.each([
    ['letters', 'é'],
    ['what grows as HTML', '<&>'],
    ['mark-up', '<b>x</b>'],
    ['pictures', '🩺'],
    ['lines', 'a\n'],
  ])('notes at their limit, full of %s, leave the link whole, and room for its owner', async (_, run) => {
    const notes = run.repeat(Math.floor(10_000 / [...run].length / (run === '🩺' ? 2 : 1))).slice(0, 9_990);
    const { id, event } = await exported('auto', `${notes}fin`);
    expect((await lines()).at(-1)).toEqual(link(id));
    expect(event.description.replaceAll('\r\n', '\n').length).toBeLessThanOrEqual(8_192);
    await world.edit(event.id, { description: `Code 12A\n\n${(await lines()).join('\n')}` });
    await world.change(world.lumiere, id, { notes: `${notes}FIN`, type: 'Suivi' });
    await world.settled();
    const shown = await lines();
    expect([shown[0], shown.at(-1)]).toEqual(['Code 12A', link(id)]);
    expect((await world.event()).title).toContain('Suivi');
    await world.poll();
    expect(await world.conflicts()).toEqual([]);
  });
});
