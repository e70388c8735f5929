/** A page whose code is fetched when it is first wanted, or at once if it is known to be wanted. */
import { type ComponentType, h } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Failure } from '../backend/failure.ts';
import { t } from '../words/i18n.ts';
import { FailureNote } from './notices.tsx';

interface Shown<P> {
  /** In a box: a state setter would call a bare component. */
  readonly page: { readonly component: ComponentType<P> } | null;
  readonly failure: Failure | null;
}

/** @param early the page that the address asks for: its code comes while the session and the practice are still looked up */
export function lazy<P extends object = Record<never, never>>(
  load: () => Promise<ComponentType<P>>,
  early = false,
): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;
  // A failure is told by who shows the page.
  if (early) load().then((component) => loaded = component, () => {});
  return function Lazy(props: P) {
    const [{ page, failure }, setShown] = useState<Shown<P>>({
      page: loaded === null ? null : { component: loaded },
      failure: null,
    });
    useEffect(() => {
      if (loaded !== null) return setShown({ page: { component: loaded }, failure: null });
      load().then((component) => {
        loaded = component;
        setShown({ page: { component }, failure: null });
      }, (cause) => {
        const details = String(cause);
        const failure = new Failure(t.failure.page, { code: 'NETWORK', step: 'page.load', details });
        setShown({ page: null, failure });
      });
    }, []);
    if (failure !== null) {
      return (
        <div class='stack'>
          <FailureNote failure={failure} />
          <button type='button' onClick={() => location.reload()}>{t.app.reload}</button>
        </div>
      );
    }
    return page === null ? <p class='loading' role='status'>{t.app.loading}</p> : h(page.component, props);
  };
}
