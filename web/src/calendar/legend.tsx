/** What each mark of the calendar means. */
import { Modal } from '../parts/modal.tsx';
import { PersonBadge } from '../parts/person_badge.tsx';
import { PROVIDERS } from '../providers.ts';
import { t } from '../words/i18n.ts';
import { SourceBadge } from './entry_mark.tsx';
import type { Person } from './people.ts';
import { MARKED } from './sync_state.ts';
import { words } from './words.ts';

export interface LegendProps {
  /** Whose badge is the example. */
  readonly person: Person | undefined;
  readonly onClose: () => void;
}

export function Legend({ person, onClose }: LegendProps) {
  const { legend } = words;
  const square = (kind: string) => <span class={`legend-square ${kind}`} aria-hidden='true' />;
  return (
    <Modal title={legend.title} busy={false} onClose={onClose} onSubmit={onClose}>
      <dl class='legend'>
        <dt>{square('legend-appointment')}</dt>
        <dd>{legend.appointment}</dd>
        <dt>{square('legend-event')}</dt>
        <dd>{legend.event}</dd>
        <dt>{PROVIDERS.map(({ id }) => <SourceBadge key={id} source={id} />)}</dt>
        <dd>{legend.source}</dd>
        {person !== undefined && (
          <>
            <dt>
              <PersonBadge {...person} />
            </dt>
            <dd>{legend.person}</dd>
          </>
        )}
        {MARKED.map((state) => [
          <dt key={`${state} mark`}>
            <span class={`entry-sync is-${state}`} aria-hidden='true' />
          </dt>,
          <dd key={state} data-sync={state}>
            <strong>{words.sync[state]}</strong> — {legend.sync[state]}
          </dd>,
        ])}
        <dt>
          <s class='hint'>{words.status.cancelled}</s>
        </dt>
        <dd>{legend.cancelled}</dd>
        <dt>{square('legend-now')}</dt>
        <dd>{legend.now}</dd>
        <dt>{square('legend-loading')}</dt>
        <dd>{legend.loading}</dd>
        <dt>{words.grid.more(3)}</dt>
        <dd>{legend.more}</dd>
      </dl>
      <div class='buttons'>
        <button type='submit' class='primary'>{t.app.close}</button>
      </div>
    </Modal>
  );
}
