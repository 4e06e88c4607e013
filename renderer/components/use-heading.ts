import { type RefObject, useEffect, useRef } from 'react';
import { focusIsLost } from './focus.ts';

/** The heading of what has just taken another's place: it has the focus if what had it is gone. */
export function useHeading(): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (focusIsLost()) heading.current?.focus();
  }, []);
  return heading;
}
