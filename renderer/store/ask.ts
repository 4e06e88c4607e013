import { call } from './rpc.ts';

/**
 * What the first view needs of core. A script of its own, which the page has first and which loads nothing else: core answers while
 * the window's scripts are still on their way.
 */
export const ASKED = { settings: call('settings.read', {}), info: call('app.info', {}) };
