/** What became of an appointment in each calendar that it concerns, in words, with what to do about it. */
import type { ComponentChildren } from 'preact';
import { useWorkspace } from '../backend/workspace.ts';
import { Link as PageLink } from '../parts/navigation.tsx';
import { providerOf, settingsPath } from '../providers.ts';
import { errorMessage, formatAgo, language } from '../words/i18n.ts';
import type { Agenda } from './agenda.ts';
import type { Appointment, Integration, Link } from './rows.ts';
import { concerned, linkState, type SyncState } from './sync_state.ts';
import { words } from './words.ts';

/** Why it is as it is; null where the state says all. */
export function explained(state: SyncState, link: Link | undefined, integration: Integration): string | null {
  if (state === 'conflict') return words.syncExplained.conflict;
  if (state === 'error') {
    return errorMessage(link?.last_error?.code, link?.last_error?.message ?? words.syncExplained.unknown);
  }
  if (state === 'drifted') return words.syncExplained.drifted;
  if (state === 'synced') return null;
  if (integration.status === 'reconnect_required') return words.syncExplained.reconnect;
  if (integration.status === 'error') return words.syncExplained.broken;
  if (state === 'pending') return words.syncExplained.pending;
  if (link?.skip_reason) return words.syncReason[link.skip_reason] ?? words.syncExplained.unknown;
  return integration.export_enabled ? words.syncExplained.past : words.syncExplained.exportOff;
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
          <SyncLine key={integration.id} {...{ integration, link, state, agenda }}>
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
  readonly integration: Integration;
  readonly link: Link | undefined;
  readonly state: SyncState;
  readonly agenda: Agenda;
  readonly children: ComponentChildren;
}

function SyncLine({ integration, link, state, agenda, children }: LineProps) {
  const { member } = useWorkspace();
  const provider = providerOf(integration.provider);
  const own = integration.user_id === member.userId;
  const colleague = agenda.members.find(({ user_id }) => user_id === integration.user_id)?.display_name;
  const calendar = provider?.calendar[language] ?? integration.provider;
  const reason = explained(state, link, integration);
  const toMend = own && provider !== undefined && (integration.status !== 'connected' || state === 'error');
  return (
    <div class='sync-line'>
      <p>
        {own || colleague === undefined ? calendar : words.drawer.ofColleague(calendar, colleague)}{' '}
        <span class={`badge badge-${state}`} data-sync={state}>{words.sync[state]}</span>
      </p>
      {reason !== null && <p class='hint'>{reason}</p>}
      {state === 'synced' && link?.last_synced_at && (
        <p class='hint'>{words.drawer.lastSynced(formatAgo(link.last_synced_at, member.organisation.timezone))}</p>
      )}
      {children}
      {toMend && <PageLink to={settingsPath(provider)}>{words.drawer.settings}</PageLink>}
    </div>
  );
}
