import { useEffect, useState } from 'react';
import type { Outcome } from '../../core/contract/errors.ts';
import { call } from './rpc.ts';
import { useWindow } from './store.ts';

export const custodyOverview = () => call('custody.overview', {});
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
