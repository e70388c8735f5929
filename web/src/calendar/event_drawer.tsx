/** One event of a person's own calendar. It is changed there, not here. */
import { useWorkspace } from '../backend/workspace.ts';
import { PersonBadge } from '../parts/person_badge.tsx';
import { Link } from '../parts/navigation.tsx';
import { providerOf, settingsPath } from '../providers.ts';
import { formatAgo, language } from '../words/i18n.ts';
import type { Agenda } from './agenda.ts';
import { attendeesOf, safeLink } from './attendees.ts';
import { Drawer } from './drawer.tsx';
import { type Entry, entryName } from './entry.ts';
import { SourceBadge } from './entry_mark.tsx';
import { Facts } from './facts.tsx';
import { whenOf } from './when.ts';
import { words } from './words.ts';

interface EventDrawerProps {
  readonly entry: Extract<Entry, { kind: 'event' }>;
  readonly agenda: Agenda;
  readonly onClose: () => void;
}

export function EventDrawer({ entry, agenda, onClose }: EventDrawerProps) {
  const { member } = useWorkspace();
  const { event } = entry;
  const provider = providerOf(event.provider);
  const calendar = provider?.calendar[language] ?? event.provider;
  const integration = agenda.integrations.find(({ id }) => id === event.integration_id);
  const conflict = agenda.conflicts.find(({ external_id }) => external_id === event.external_event_id);
  const waiting = integration === undefined || integration.status !== 'connected' || !integration.import_enabled;
  const state = conflict !== undefined ? 'conflict' : waiting ? 'pending' : 'synced';
  const participants = attendeesOf(event.attendees);
  const address = safeLink(event.html_link);
  const name = entryName(entry);
  return (
    <Drawer
      kind={
        <>
          {words.drawer.event} <SourceBadge source={event.provider} />
        </>
      }
      title={name ?? words.grid.busy}
      onClose={onClose}
    >
      <div class='drawer-sections'>
        {name === null && event.visibility === 'private' && <p class='hint'>{words.drawer.private}</p>}
        <Facts
          facts={[
            [words.drawer.when, whenOf(entry)],
            [words.drawer.status, words.status[event.status]],
            [
              words.drawer.owner,
              entry.person && (
                <span key='owner'>
                  <PersonBadge {...entry.person} /> {entry.person.name}
                </span>
              ),
            ],
            [words.drawer.location, event.location],
            [words.drawer.response, event.own_response && words.response[event.own_response]],
            [
              words.drawer.description,
              event.description && <span key='description' class='as-written'>{event.description}</span>,
            ],
            participants.length > 0 && [
              words.drawer.participants,
              <ul key='participants' class='participants'>
                {participants.map(({ name, email, response, organizer }, at) => (
                  <li key={at}>
                    {name || email}{' '}
                    <span class='hint'>
                      {[organizer && words.organizer, response && words.response[response]].filter(Boolean).join(', ')}
                    </span>
                  </li>
                ))}
              </ul>,
            ],
          ]}
        />
        <section class='drawer-section' aria-label={words.drawer.syncTitle}>
          <h3>{words.drawer.syncTitle}</h3>
          <div class='sync-line'>
            <p>
              {calendar} <span class={`badge badge-${state}`} data-sync={state}>{words.sync[state]}</span>
            </p>
            <p class='hint'>{words.drawer.lastSynced(formatAgo(event.last_synced_at, member.organisation.timezone))}</p>
            {conflict !== undefined && <Link to={`/conflicts?id=${conflict.id}`}>{words.drawer.openConflict}</Link>}
            {waiting && integration?.user_id === member.userId && provider !== undefined && (
              <Link to={settingsPath(provider)}>{words.drawer.settings}</Link>
            )}
          </div>
          <p class='hint'>{words.drawer.readOnly(calendar)}</p>
        </section>
      </div>
      {address !== null && (
        <div class='drawer-actions'>
          <a class='button primary' href={address} target='_blank' rel='noopener noreferrer'>
            {words.drawer.openIn(calendar)}
          </a>
        </div>
      )}
    </Drawer>
  );
}
