import type { SecretIdentity } from '../../core/contract/vault.ts';

/** A secret as commands name it. */
export function placeOf({ owner, environment, name }: { owner: string; environment: string; name: string }): string {
  return `${owner}/${environment}/${name}`;
}

export function identityOf({ owner, environment, name }: SecretIdentity): SecretIdentity {
  return { owner, environment, name };
}
