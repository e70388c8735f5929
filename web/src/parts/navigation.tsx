/** Where the page is, and how to go elsewhere without loading it again. */
import type { ComponentChildren } from 'preact';
import { leave } from './leaving.tsx';
import { navigate, usePathname, useSearch } from 'wouter-preact/use-browser-location';

/** `to` is a path of this origin. `replace` leaves no step back to the current address. */
export { navigate };

export interface Place {
  /** Without a slash at its end. */
  readonly path: string;
  readonly query: URLSearchParams;
}

export function usePlace(): Place {
  let path = usePathname();
  const search = useSearch();
  while (path.length > 1 && path.endsWith('/')) path = path.slice(0, -1);
  return { path, query: new URLSearchParams(search) };
}

interface LinkProps {
  readonly to: string;
  readonly class?: string;
  /** Leads to the page that is shown, or to a page above it. */
  readonly current?: boolean;
  readonly label?: string;
  readonly children: ComponentChildren;
}

export function Link({ to, class: style, current, label, children }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (new URL(to, location.href).pathname === location.pathname) navigate(to);
    else leave(() => navigate(to));
  };
  return (
    <a href={to} class={style} aria-label={label} aria-current={current ? 'page' : undefined} onClick={follow}>
      {children}
    </a>
  );
}
