/** What became of an appointment in each calendar that it concerns, in words, with what to do about it. */
import { explanation } from '../../../supabase/functions/_shared/contract/explain.ts';
import { useLive } from '../backend/live.ts';
import { useWorkspace } from '../backend/workspace.ts';
import { useAction } from '../parts/action.ts';
import { Link as PageLink } from '../parts/navigation.tsx';
import { tellDone } from '../parts/notices.tsx';
import { providerOf, settingsPath } from '../providers.ts';
import { formatAgo, language } from '../words/i18n.ts';
import type { Agenda } from './agenda.ts';
import { explained, type NextStep, nextStep } from './explained.ts';
import type { Appointment, Integration, OpenConflict } from './rows.ts';
import { concerned, linkState, type SyncState } from './sync_state.ts';
import { words } from './words.ts';

/** Of a colleague's calendar no more is known than the state. */
function stated(state: SyncState): string | null {
  return state === 'synced' || state === 'none' ? null : words.syncExplained[state];
}

interface SectionProps {
  readonly appointment: Appointment;
  readonly agenda: Agenda;
  readonly onEdit: () => void;
}

export function SyncSection({ appointment, agenda, onEdit }: SectionProps) {
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
        const own = integration.user_id === member.userId;
        const provider = providerOf(integration.provider);
        const calendar = provider?.calendar[language] ?? integration.provider;
        const colleague = agenda.members.find(({ user_id }) => user_id === integration.user_id)?.display_name;
        const state = own && conflict !== undefined ? 'conflict' : linkState(link);
        return (
          <div key={integration.id} class='sync-line'>
            <p>
              {own || colleague === undefined ? calendar : words.drawer.ofColleague(calendar, colleague)}{' '}
              <span class={`badge badge-${state}`} data-sync={state}>{words.sync[state]}</span>
            </p>
            {own
              ? <Explained {...{ appointment, integration, state, conflict, onEdit }} />
              : <Hint>{stated(state)}</Hint>}
            {state === 'synced' && link?.last_synced_at && (
              <p class='hint'>
                {words.drawer.lastSynced(formatAgo(link.last_synced_at, member.organisation.timezone))}
              </p>
            )}
          </div>
        );
      })}
    </section>
  );
}

interface ExplainedProps {
  readonly appointment: Appointment;
  readonly integration: Integration;
  readonly state: SyncState;
  readonly conflict: OpenConflict | undefined;
  readonly onEdit: () => void;
}

/** In the reader's own calendar: why, and what to do about it. */
function Explained({ appointment, integration, state, conflict, onEdit }: ExplainedProps) {
  const { api, member } = useWorkspace();
  const { data } = useLive(
    `explain ${integration.id} ${appointment.id}`,
    (signal) => api(integration.provider).read(`sync/explain?rdvId=${appointment.id}`, explanation, signal),
    { tables: ['rdv', 'appointment_external_links', 'calendar_integrations', 'sync_conflicts'] },
  );
  // What needs no answer of the engine is offered before it comes.
  const step = data === null ? stepOf(state, integration) : nextStep(data) ?? (state === 'conflict' ? 'decide' : null);
  return (
    <>
      <Hint>{data === null ? null : explained(data, member.organisation.timezone)}</Hint>
      {step !== null && <Step {...{ step, appointment, integration, conflict, onEdit }} />}
    </>
  );
}

function stepOf(state: SyncState, { status }: Integration): NextStep | null {
  if (state === 'conflict') return 'decide';
  if (status === 'reconnect_required') return 'reconnect';
  return status === 'error' || state === 'error' ? 'settings' : null;
}

type StepProps = Omit<ExplainedProps, 'state'> & { readonly step: NextStep };

function Step({ step, appointment, integration, conflict, onEdit }: StepProps) {
  const { api } = useWorkspace();
  const [busy, run] = useAction(`${integration.provider}-sync`);
  const provider = providerOf(integration.provider);
  const label = words.syncNext[step];
  if (step === 'decide') {
    return <PageLink to={conflict === undefined ? '/conflicts' : `/conflicts?id=${conflict.id}`}>{label}</PageLink>;
  }
  if (step === 'settings' || step === 'reconnect') {
    return <PageLink to={provider === undefined ? '/settings/integrations' : settingsPath(provider)}>{label}</PageLink>;
  }
  const { retry, syncNow } = api(integration.provider);
  const act = async () => {
    if (step === 'edit') onEdit();
    else if (await run(() => step === 'retry' ? retry([appointment.id]) : syncNow())) {
      tellDone(words.syncExplained.sent);
    }
  };
  return <button type='button' disabled={busy} aria-busy={busy} onClick={act}>{label}</button>;
}

function Hint({ children }: { readonly children: string | null }) {
  return children === null ? null : <p class='hint' data-reason>{children}</p>;
}
