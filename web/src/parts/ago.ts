import { useEffect, useState } from 'preact/hooks';
import { formatAgo } from '../words/i18n.ts';

const REFRESH = 30_000;

/** « il y a 3 minutes », and still right a while later. */
export function useAgo(instant: string, zone: string): string {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), REFRESH);
    return () => clearInterval(timer);
  }, [instant]);
  // A server's clock may be a moment ahead: nothing that happened lies in the future.
  return formatAgo(instant, zone, Math.max(now, Date.parse(instant)));
}
