import { useEffect, useState } from 'preact/hooks';
import type { Backend } from '../backend/backend.ts';

/** The address that the user signs in with; empty until known. */
export function useUserEmail(backend: Backend): string {
  const [email, setEmail] = useState('');
  useEffect(() => {
    backend.auth.getSession().then(({ data }) => setEmail(data.session?.user.email ?? ''), () => setEmail(''));
  }, [backend]);
  return email;
}
