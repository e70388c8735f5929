/** Where the page is: the browser's own history, nothing more. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

const CHANGED = 'cassius:navigate';

/** `to` is a path of this origin. `replace` leaves no step back to the current address. */
export function navigate(to: string, options: { replace?: boolean } = {}): void {
  if (options.replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  dispatchEvent(new Event(CHANGED));
}

export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

const here = () => location.pathname + location.search;

export function usePlace(): Place {
  const [address, setAddress] = useState(here);
  useEffect(() => {
    const update = () => setAddress(here());
    addEventListener('popstate', update);
    addEventListener(CHANGED, update);
    return () => {
      removeEventListener('popstate', update);
      removeEventListener(CHANGED, update);
    };
  }, []);
  const url = new URL(address, location.origin);
  return { path: url.pathname.replace(/(.)\/+$/, '$1'), query: url.searchParams };
}

/** The page to go to after signing in: a path of this origin, whatever the address claims. */
export function safeReturnPath(claimed: string | null): string {
  if (claimed === null) return '/';
  try {
    const url = new URL(claimed, location.origin);
    return url.origin !== location.origin || url.pathname === '/login' ? '/' : url.pathname + url.search;
  } catch {
    return '/';
  }
}

export function Link(props: { to: string; class?: string; current?: boolean; children: ComponentChildren }) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(props.to);
  };
  return (
    <a href={props.to} class={props.class} aria-current={props.current ? 'page' : undefined} onClick={follow}>
      {props.children}
    </a>
  );
}
