/** An example of an exported event, made by the very function that makes the real ones. */
import { EMPTY_APPOINTMENT } from '../../../supabase/functions/_shared/sync/shared/appointment.ts';
import { eventContent } from '../../../supabase/functions/_shared/sync/shared/event_content.ts';
import type { Language } from '../../../supabase/functions/_shared/vocabulary.ts';
import type { IntegrationSettings } from '../backend/api.ts';
import { formatDay, formatTime } from '../words/i18n.ts';
import { addDays, dayOf, wallToInstant } from '../../../supabase/functions/_shared/zoned_time.ts';
import { words } from './words.ts';

interface PreviewProps {
  readonly template: string;
  readonly language: Language;
  readonly zone: string;
  readonly practitioner: string;
  readonly detail: NonNullable<IntegrationSettings['event_detail']>;
  /** Lets a control name it as its description. */
  readonly id?: string;
  /** The day of the example starts from here. */
  readonly now?: string;
}

export function EventPreview(
  { template, language, zone, practitioner, detail, id, now = new Date().toISOString() }: PreviewProps,
) {
  const day = addDays(dayOf(now, zone), 1);
  const startsAt = wallToInstant(`${day}T09:00`, zone);
  const endsAt = wallToInstant(`${day}T09:30`, zone);
  const content = eventContent({
    ...EMPTY_APPOINTMENT,
    type: words.example.type,
    act: words.example.act,
    notes: words.example.notes,
    location: words.example.location,
    startsAt,
    endsAt,
    practitionerName: practitioner,
    patient: { firstName: 'Amélie', lastName: 'Rousseau' },
  }, {
    rdvId: '…',
    detail,
    organisation: { timezone: zone, titleTemplate: template, language, defaultDurationMinutes: 30 },
    appBaseUrl: location.origin,
  });
  return (
    <div id={id} class='event-preview' data-detail={detail}>
      <p class='event-title'>{content.title}</p>
      <p class='hint'>
        {formatDay(day, zone)} · {formatTime(startsAt, zone)} – {formatTime(endsAt, zone)}
        {content.location !== '' && ` · ${content.location}`}
      </p>
      <p class='event-description'>{content.description}</p>
    </div>
  );
}
