import { Refusal } from './errors.ts';
import { type SecretIdentity, identitySchema } from './vault.ts';

/** A secret that is named in one text, `owner/environment/name`; a name may have slashes. INPUT_INVALID. */
export function identityOfPlace(text: string): SecretIdentity {
  const [owner, environment, ...name] = text.split('/');
  const parsed = identitySchema.safeParse({ owner, environment, name: name.join('/') });
  if (!parsed.success) throw new Refusal('INPUT_INVALID', { detail: `${text} is not owner/environment/name` });
  return parsed.data;
}
