/** Who may sign in at which tenant segment of an address. */
import { CONSUMER_TENANT } from './accounts.ts';
import type { Account, World } from './world.ts';

export function isTenant(tenant: string, world: World): boolean {
  if (['common', 'organizations', 'consumers', CONSUMER_TENANT].includes(tenant)) return true;
  return [...world.accounts.values()].some(({ tenantId }) => tenantId === tenant);
}

export function mayUse(account: Account, tenant: string): boolean {
  switch (tenant) {
    case 'common':
      return true;
    case 'organizations':
      return account.kind === 'work';
    case 'consumers':
      return account.kind === 'personal';
    default:
      return account.tenantId === tenant;
  }
}
