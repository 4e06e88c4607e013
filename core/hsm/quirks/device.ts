/** One fact, and where it is written. */
export type Sourced = { fact: string; source: string };

/**
 * How one vendor's device differs from the standard, as its documents tell it. None of these devices has been tried:
 * `claviger token probe` shows what a real one does.
 */
export type Device = {
  name: string;
  /** What the manufacturer or model field of its tokens holds, in lower case. */
  recognisedBy: string[];
  libraries: Sourced[];
  slots: Sourced[];
  login: Sourced[];
  mechanisms: Sourced[];
  limits: Sourced[];
  /** What that means for a ceremony; concluded from the facts above. */
  ceremony: string;
};
