import { t } from '../words/i18n.ts';
import { Link } from './navigation.tsx';

export function NotFound() {
  return (
    <div class='stack'>
      <h1>{t.app.notFound}</h1>
      <p>
        <Link to='/calendar'>{t.app.backHome}</Link>
      </p>
    </div>
  );
}
