/** A member's own subscription address: what it shows, and making, replacing and ending it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { EventDetail } from '../../../../supabase/functions/_shared/vocabulary.ts';
import { ask, changed } from '../../backend/ask.ts';
import { asFailure, type Failure } from '../../backend/failure.ts';
import { useWorkspace } from '../../backend/workspace.ts';
import { useAction } from '../../parts/action.ts';
import { useEdits } from '../../parts/edits.ts';
import { Modal } from '../../parts/modal.tsx';
import { Link } from '../../parts/navigation.tsx';
import { FailureNote, tellDone } from '../../parts/notices.tsx';
import { usePageTitle } from '../../parts/page_title.ts';
import { formatMoment, t } from '../../words/i18n.ts';
import { DetailChoice } from '../detail_choice.tsx';
import { words as settings } from '../words.ts';
import { words } from './words.ts';

interface Subscription {
  readonly event_detail: EventDetail;
  readonly created_at: string;
}

const COLUMNS = 'event_detail, created_at';

export function SubscriptionPage() {
  const { backend: { db }, member } = useWorkspace();
  usePageTitle(words.title);
  /** Undefined until known, null where there is none. */
  const [known, setKnown] = useState<Subscription | null | undefined>(undefined);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    const request = db.from('calendar_feeds').select(COLUMNS).eq('member_id', member.memberId).limit(1);
    ask<Subscription[]>('subscription.read', request.abortSignal(abort.signal)).then(
      ([found]) => setKnown(found ?? null),
      (error) => abort.signal.aborted || setFailure(asFailure(error, 'subscription.read')),
    );
    return () => abort.abort();
  }, [db, member.memberId]);
  return (
    <>
      <header class='page-header'>
        <Link to='/settings/integrations' class='back'>{settings.nav.integrations}</Link>
        <h1>{words.title}</h1>
        <p class='lead'>{words.intro}</p>
      </header>
      {failure !== null && <FailureNote failure={failure} />}
      {known === undefined && failure === null && <p class='loading' role='status'>{t.app.loading}</p>}
      {known !== undefined && <Address known={known} onChange={setKnown} />}
    </>
  );
}

interface AddressProps {
  readonly known: Subscription | null;
  readonly onChange: (known: Subscription | null) => void;
}

function Address({ known, onChange }: AddressProps) {
  const { backend: { db, config }, member } = useWorkspace();
  const { current: { detail }, dirty, edit, reset } = useEdits<{ detail: EventDetail | null }>('subscription', {
    detail: known?.event_detail ?? null,
  });
  const [address, setAddress] = useState<string | null>(null);
  const [asking, setAsking] = useState<'replace' | 'end' | null>(null);
  const [busy, run] = useAction('subscription.change');

  const make = () =>
    run(async () => {
      if (detail === null) return;
      const secret = await ask<string>(
        'subscription.make',
        db.rpc('make_feed', { p_organisation: member.organisation.id, p_event_detail: detail }),
      );
      const region = config.region === null ? '' : `?forceFunctionRegion=${config.region}`;
      setAddress(`${config.url}/functions/v1/calendar-feed/${secret}.ics${region}`);
      onChange({ event_detail: detail, created_at: new Date().toISOString() });
      reset();
    });
  const save = () =>
    run(async () => {
      if (detail === null) return;
      const request = db.from('calendar_feeds').update({ event_detail: detail }).eq('member_id', member.memberId);
      onChange(await changed<Subscription>('subscription.update', request.select(COLUMNS)));
      reset();
      tellDone(t.app.saved);
    });
  const end = () =>
    run(async () => {
      await ask('subscription.end', db.from('calendar_feeds').delete().eq('member_id', member.memberId));
      setAddress(null);
      onChange(null);
      tellDone(words.ended);
    });
  const decided = async () => {
    await (asking === 'end' ? end() : make());
    setAsking(null);
  };

  return (
    <>
      <section class='card'>
        <DetailChoice
          legend={words.detail}
          hint={words.detailHint}
          value={detail}
          onChange={(chosen) => edit({ detail: chosen })}
        />
        {known !== null && (
          <div class='buttons'>
            {dirty && <span class='hint unsaved' role='status'>{settings.sync.unsaved}</span>}
            {dirty && <button type='button' disabled={busy} onClick={reset}>{t.app.cancel}</button>}
            <button type='button' class='primary' disabled={busy || !dirty} onClick={save}>{t.app.save}</button>
          </div>
        )}
      </section>
      <section class='card' aria-labelledby='address-title'>
        <h2 id='address-title'>{words.heading}</h2>
        {address === null
          ? (
            <p>
              {known === null ? words.none : words.exists(formatMoment(known.created_at, member.organisation.timezone))}
            </p>
          )
          : <Told address={address} />}
        <div class='buttons'>
          {known === null
            ? (
              <button type='button' class='primary' disabled={busy || detail === null} onClick={make}>
                {words.make}
              </button>
            )
            : (
              <>
                <button type='button' class='danger-quiet' disabled={busy} onClick={() => setAsking('end')}>
                  {words.end}
                </button>
                <button type='button' disabled={busy} onClick={() => setAsking('replace')}>{words.replace}</button>
              </>
            )}
        </div>
      </section>
      {asking !== null && (
        <Modal
          title={asking === 'end' ? words.endTitle : words.replaceTitle}
          busy={busy}
          onClose={() => setAsking(null)}
          onSubmit={decided}
        >
          <p>{asking === 'end' ? words.endText : words.replaceText}</p>
          <div class='buttons'>
            <button type='button' disabled={busy} onClick={() => setAsking(null)}>{t.app.cancel}</button>
            <button type='submit' class={asking === 'end' ? 'danger' : 'primary'} disabled={busy} aria-busy={busy}>
              {asking === 'end' ? words.end : words.replace}
            </button>
          </div>
        </Modal>
      )}
    </>
  );
}

/** Once: it is kept nowhere, here neither. */
function Told({ address }: { readonly address: string }) {
  const field = useRef<HTMLInputElement>(null);
  const copy = async () => {
    // Where the browser does not let a page copy, it is selected and one key away.
    field.current?.select();
    await navigator.clipboard.writeText(address);
    tellDone(words.copied);
  };
  return (
    <>
      <label>
        {words.address}
        <input
          ref={field}
          class='code'
          name='address'
          readOnly
          value={address}
          autocomplete='off'
          aria-describedby='address-hint'
          onFocus={({ currentTarget }) => currentTarget.select()}
        />
        <span id='address-hint' class='hint'>{words.once}</span>
      </label>
      <div class='buttons buttons-start'>
        <button type='button' onClick={() => void copy().catch(() => {})}>{words.copy}</button>
      </div>
    </>
  );
}
