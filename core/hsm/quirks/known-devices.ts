import type { ProbedToken } from '../../contract/token.ts';
import type { Device } from './device.ts';
import { luna, nitrokeyHsm2, yubiHsm2 } from './devices.ts';
import { awsCloudHsm, nShield, utimaco } from './network-devices.ts';

export const DEVICES: Device[] = [yubiHsm2, nitrokeyHsm2, luna, nShield, utimaco, awsCloudHsm];

/** The device that a token's maker and model point at. */
export function deviceOf({ manufacturer, model }: Pick<ProbedToken, 'manufacturer' | 'model'>): Device | null {
  const said = `${manufacturer} ${model}`.toLowerCase();
  return DEVICES.find(({ recognisedBy }) => recognisedBy.some((part) => said.includes(part))) ?? null;
}
