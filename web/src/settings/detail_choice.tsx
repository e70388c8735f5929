/** How much of an appointment a calendar gets to know: each level beside the event that it makes. */
import { EVENT_DETAILS } from '../../../supabase/functions/_shared/vocabulary.ts';
import type { IntegrationSettings } from '../backend/api.ts';
import { useWorkspace } from '../backend/workspace.ts';
import { EventPreview } from './event_preview.tsx';
import { words } from './words.ts';

interface DetailProps {
  readonly legend: string;
  readonly hint: string;
  /** Null until chosen: no level is a matter of course. */
  readonly value: IntegrationSettings['event_detail'];
  readonly onChange: (detail: NonNullable<IntegrationSettings['event_detail']>) => void;
}

export function DetailChoice({ legend, hint, value, onChange }: DetailProps) {
  const { member } = useWorkspace();
  return (
    <fieldset data-open={value === null ? '' : undefined} aria-describedby='detail-hint'>
      <legend>{legend}</legend>
      <p id='detail-hint' class='hint'>{hint}</p>
      <div class='previews'>
        {EVENT_DETAILS.map((detail) => {
          const [label, meaning] = words.sync.details[detail] ?? [detail, ''];
          return (
            <div key={detail} class='level' data-chosen={detail === value}>
              <label class='check'>
                <input
                  type='radio'
                  name='detail'
                  value={detail}
                  checked={detail === value}
                  aria-describedby={`event-${detail}`}
                  onChange={() => onChange(detail)}
                />
                <span>
                  {label}
                  <span class='hint'>{meaning}</span>
                </span>
              </label>
              <EventPreview
                id={`event-${detail}`}
                template={member.organisation.event_title_template}
                language={member.organisation.event_language}
                zone={member.organisation.timezone}
                practitioner={member.displayName}
                detail={detail}
              />
            </div>
          );
        })}
      </div>
    </fieldset>
  );
}
