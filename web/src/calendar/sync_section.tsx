/** What became of an appointment in each calendar that it concerns, in words, with what to do about it. */
import type { ComponentChildren } from 'preact';
import { useWorkspace } from '../backend/workspace.ts';
import { Link as PageLink } from '../parts/navigation.tsx';
import { providerOf, settingsPath } from '../providers.ts';
import { type Explanation, explanation } from '../../../supabase/functions/_shared/contract/explain.ts';
import { useLive } from '../backend/live.ts';
import { errorMessage, formatAgo, formatMoment, language } from '../words/i18n.ts';
import type { Agenda } from './agenda.ts';
import type { Appointment, Integration, Link } from './rows.ts';
import { concerned, linkState, type SyncState } from './sync_state.ts';
import { words } from './words.ts';

/** The engine's own reason, as a sentence; null where the state says all. */
export function explained(
  { decision, reason, waitsFor, waitsUntil, lastError, differsSince }: Explanation,
  zone: string,
) {
  if (waitsFor !== null) {
    if (waitsFor === 'turn' && decision === 'delete') return words.syncExplained.removal;
    const sentence = words.syncWait[waitsFor](waitsUntil === null ? null : formatMoment(waitsUntil, zone));
    const why = lastError === null ? '' : errorMessage(lastError.code, lastError.message);
    return why === '' ? sentence : words.syncExplained.why(sentence, why);
  }
  if (differsSince !== null) return words.syncExplained.drifted;
  return reason === null || reason === 'unchanged' ? null : words.syncReason[reason];
}

/** Of a colleague's calendar no more is known than the state. */
function stated(state: SyncState): string | null {
  return state === 'synced' || state === 'none' ? null : words.syncExplained[state];
}

interface SectionProps {
  readonly appointment: Appointment;
  readonly agenda: Agenda;
}

export function SyncSection({ appointment, agenda }: SectionProps) {
  const { member } = useWorkspace();
  const links = agenda.links.filter(({ rdv_id }) => rdv_id === appointment.id);
  const conflict = agenda.conflicts.find(({ internal_id }) => internal_id === appointment.id);
  const calendars = concerned(agenda.integrations, links, member.userId);
  return (
    <section class='drawer-section' aria-label={words.drawer.syncTitle}>
      <h3>{words.drawer.syncTitle}</h3>
      {calendars.length === 0 && (
        <p class='hint'>
          {words.drawer.notConnected} <PageLink to='/settings/integrations'>{words.drawer.connect}</PageLink>
        </p>
      )}
      {calendars.map(({ integration, link }) => {
        const state = conflict !== undefined && integration.user_id === member.userId ? 'conflict' : linkState(link);
        return (
          <SyncLine key={integration.id} {...{ appointment, integration, link, state, agenda }}>
            {state === 'conflict' && conflict !== undefined && (
              <PageLink to={`/conflicts?id=${conflict.id}`}>{words.drawer.openConflict}</PageLink>
            )}
          </SyncLine>
        );
      })}
    </section>
  );
}

interface LineProps {
  readonly appointment: Appointment;
  readonly integration: Integration;
  readonly link: Link | undefined;
  readonly state: SyncState;
  readonly agenda: Agenda;
  readonly children: ComponentChildren;
}

function SyncLine({ appointment, integration, link, state, agenda, children }: LineProps) {
  const { member } = useWorkspace();
  const provider = providerOf(integration.provider);
  const own = integration.user_id === member.userId;
  const colleague = agenda.members.find(({ user_id }) => user_id === integration.user_id)?.display_name;
  const calendar = provider?.calendar[language] ?? integration.provider;
  const toMend = own && provider !== undefined && (integration.status !== 'connected' || state === 'error');
  return (
    <div class='sync-line'>
      <p>
        {own || colleague === undefined ? calendar : words.drawer.ofColleague(calendar, colleague)}{' '}
        <span class={`badge badge-${state}`} data-sync={state}>{words.sync[state]}</span>
      </p>
      {own ? <Reason {...{ appointment, integration }} /> : <Hint>{stated(state)}</Hint>}
      {state === 'synced' && link?.last_synced_at && (
        <p class='hint'>{words.drawer.lastSynced(formatAgo(link.last_synced_at, member.organisation.timezone))}</p>
      )}
      {children}
      {toMend && <PageLink to={settingsPath(provider)}>{words.drawer.settings}</PageLink>}
    </div>
  );
}

function Reason({ appointment, integration }: Pick<LineProps, 'appointment' | 'integration'>) {
  const { api, member } = useWorkspace();
  const { data } = useLive(
    `explain ${integration.id} ${appointment.id}`,
    (signal) => api(integration.provider).read(`sync/explain?rdvId=${appointment.id}`, explanation, signal),
    { tables: ['rdv', 'appointment_external_links', 'calendar_integrations', 'sync_conflicts'] },
  );
  return <Hint>{data === null ? null : explained(data, member.organisation.timezone)}</Hint>;
}

function Hint({ children }: { readonly children: string | null }) {
  return children === null ? null : <p class='hint' data-reason>{children}</p>;
}
