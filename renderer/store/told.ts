import { useEffect, useState } from 'react';
import type { Outcome } from '../../core/contract/errors.ts';
import { call } from './rpc.ts';
import { useWindow } from './store.ts';

export const knownTokens = () => call('token.list', {});
export const bundleList = () => call('bundle.list', {});
export const ledgerWitness = () => call('ledger.witness', {});
export const printerList = () => call('printer.list', {});
export const cameraList = () => call('camera.list', {});
export const settingsRead = () => call('settings.read', {});
export const policyRead = () => call('policy.read', {});
export const custodyOverview = () => call('custody.overview', {});
export const dueReport = () => call('report.due', {});
export const rotationReport = () => call('report.rotation', {});
export const emergencyReport = () => call('report.emergencies', {});
export const rehearsalReport = () => call('report.rehearsals', {});
export const lossReport = () => call('report.losses', {});
export const inventory = () => call('report.inventory', {});

/** What a report says, asked again whenever core says that something has changed; null until the first answer. */
export function useTold<T>(report: () => Promise<Outcome<T>>): Outcome<T> | null {
  const info = useWindow((state) => state.info);
  const [told, setTold] = useState<Outcome<T> | null>(null);
  useEffect(() => {
    let left = false;
    void report().then((outcome) => {
      if (!left) setTold(outcome);
    });
    return () => {
      left = true;
    };
  }, [report, info]);
  return told;
}

/** Something that a person asks of core now: under way, and what came of the last try. */
export function useAsked<T>(): {
  busy: boolean;
  outcome: Outcome<T> | null;
  ask: (work: () => Promise<Outcome<T>>) => Promise<void>;
  forget: () => void;
} {
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome<T> | null>(null);
  const ask = async (work: () => Promise<Outcome<T>>) => {
    setBusy(true);
    setOutcome(null);
    setOutcome(await work());
    setBusy(false);
  };
  return {
    busy,
    outcome,
    ask,
    forget: () => {
      setOutcome(null);
    },
  };
}
