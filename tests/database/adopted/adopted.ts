/** A folder of migrations as a practice app with tables of its own has it: its own, the sync's without the host's, and its mapping. */
import { join } from 'node:path';
import { migrationFiles } from '../../../local/database.ts';

const MIGRATIONS = join(import.meta.dirname!, '..', '..', '..', 'supabase', 'migrations');

/** The caller removes the folder. */
export async function adoptedProject(): Promise<string> {
  const directory = await Deno.makeTempDir({ prefix: 'cassius-adopted-' });
  const migrations = join(directory, 'migrations');
  await Deno.mkdir(migrations);
  await Deno.copyFile(join(import.meta.dirname!, 'clinic.sql'), join(migrations, '20260101000000_clinic.sql'));
  for (const { version, name, path } of await migrationFiles(MIGRATIONS)) {
    if (!name.startsWith('host_')) await Deno.copyFile(path, join(migrations, `${version}_${name}.sql`));
  }
  await Deno.copyFile(join(import.meta.dirname!, 'mapping.sql'), join(migrations, '20261121005500_adopt.sql'));
  return directory;
}
