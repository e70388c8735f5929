/** Appointments of one practice that are events in its calendar already. */
import { contentShape } from '../supabase/functions/_shared/providers/port/content.ts';
import type { BenchContext } from './measure.ts';
import { type Practice, withoutTriggers } from './practices.ts';

const CHUNK = 100_000;

/** What is in the calendar, and in both states of each link. */
export const AGREED = contentShape.parse({
  title: '[Cassius] Contrôle — Amélie Rousseau',
  description: 'Praticien : Dr Camille Bernard\nActe : Examen bucco-dentaire\nAppeler la veille',
  location: 'Fauteuil 1',
  time: {
    kind: 'timed',
    startsAt: '2027-01-04T08:00:00.000Z',
    endsAt: '2027-01-04T08:30:00.000Z',
    timeZone: 'Europe/Paris',
  },
  availability: 'busy',
  visibility: 'private',
});

/** Appointments that are events already, with their links. Ids follow from the number, so that some can be picked. */
export async function fillInStep(
  { stage, sql }: BenchContext,
  practice: Practice,
  from: number,
  to: number,
): Promise<void> {
  await sql`set synchronous_commit = off`;
  for (let first = from + 1; first <= to; first += CHUNK) {
    const last = Math.min(to, first + CHUNK - 1);
    await withoutTriggers(sql, async (transaction) => {
      await transaction`
        insert into public.rdv (id, organisation_id, practitioner_id, patient_id, act, notes, location, starts_at, ends_at)
        select md5('bench ' || n)::uuid, ${practice.organisationId}::uuid, ${practice.memberId}::uuid,
          ${practice.patientId}::uuid, 'Examen bucco-dentaire', 'Appeler la veille', 'Fauteuil 1',
          now() + n * interval '1 minute', now() + (n + 30) * interval '1 minute'
        from generate_series(${first}::integer, ${last}::integer) n`;
      await transaction`
        insert into public.appointment_external_links (id, organisation_id, rdv_id, integration_id, provider,
          external_calendar_id, external_event_id, etag, sync_status, last_synced_at)
        select md5('bench ' || n)::uuid, ${practice.organisationId}::uuid, md5('bench ' || n)::uuid,
          ${practice.integrationId}::uuid, ${stage.provider}, ${practice.account.calendarId}, 'cs' || md5('bench ' || n), '"1"', 'synced', now()
        from generate_series(${first}::integer, ${last}::integer) n`;
      await transaction`
        insert into private.link_states (link_id, integration_id, state, pushed, base)
        select md5('bench ' || n)::uuid, ${practice.integrationId}::uuid, 'live', ${
        JSON.stringify(AGREED)
      }::text::jsonb, ${JSON.stringify(AGREED)}::text::jsonb
        from generate_series(${first}::integer, ${last}::integer) n`;
    });
  }
  await sql`set synchronous_commit = on`;
  await sql`vacuum analyze public.rdv, public.appointment_external_links, private.link_states, private.sync_outbox`;
  await sql`checkpoint`;
}
